"""Generates linkage_node/_generated from proto/, or with --check tells whether it still matches."""

import argparse
import filecmp
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
GENERATED = ROOT / "linkage_node" / "_generated"
# protoc writes imports as if the root of the proto files were a root of Python packages.
IMPORT, IMPORT_IN_PACKAGE = "from linkage.", "from linkage_node._generated.linkage."


def generate(target: Path) -> None:
    """Write the code for every proto file below `target`, as importable packages."""
    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with_services = [name for name in sources if "\nservice " in (PROTO / name).read_text()]
    target.mkdir(parents=True, exist_ok=True)
    _protoc(sources, "--python_out", "--pyi_out", target=target)
    _protoc(with_services, "--grpc_python_out", "--mypy_grpc_out=quiet,only_sync:", target=target)
    for path in target.rglob("*.py*"):
        path.write_text(path.read_text().replace(f"\n{IMPORT}", f"\n{IMPORT_IN_PACKAGE}"))
    for folder in [target, *(path for path in target.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").write_text('"""Generated from proto/ by `make proto`."""\n')


def _protoc(sources: list[str], *outputs: str, target: Path) -> None:
    plugin = Path(sys.executable).parent / "protoc-gen-mypy_grpc"
    arguments = [
        "protoc",
        f"--proto_path={PROTO}",
        f"--proto_path={files('grpc_tools') / '_proto'}",
        f"--plugin=protoc-gen-mypy_grpc={plugin}",
        *(f"{output}{target}" if output.endswith(":") else f"{output}={target}" for output in outputs),
    ]
    if protoc.main([*arguments, *sources]) != 0:
        sys.exit("protoc failed")


def differences(expected: Path, actual: Path) -> list[str]:
    """Name the files that are missing, left over or different in `actual`."""

    def names(folder: Path) -> set[str]:
        return {
            str(path.relative_to(folder)) for path in folder.rglob("*.py*") if "__pycache__" not in path.parts
        }

    common = names(expected) & names(actual)
    _, mismatched, unreadable = filecmp.cmpfiles(expected, actual, common, shallow=False)
    return sorted(names(expected) ^ names(actual) | {*mismatched, *unreadable})


def main() -> None:
    """Generate, or compare with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if the generated code is stale"
    )
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "generated"
        generate(fresh)
        if not check:
            shutil.rmtree(GENERATED, ignore_errors=True)
            shutil.copytree(fresh, GENERATED)
        elif stale := differences(fresh, GENERATED):
            sys.exit("The generated code does not match proto/; run `make proto`: " + ", ".join(stale))


if __name__ == "__main__":
    main()
