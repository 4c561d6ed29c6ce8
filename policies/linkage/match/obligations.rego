package linkage.match

# METADATA
# description: |
#   The conditions of an approval, which both nodes enforce. Of the requester's and the provider's the stricter holds.
obligations := {
	"evaluations_per_day": agreement.limits.evaluations_per_day,
	"largest_query": agreement.limits.largest_query,
	"result_retention_days": agreement.limits.result_retention_days,
	"kinds": agreement.kinds,
	"answers": agreement.answers,
	"proof": agreement.proof,
	"receipts": agreement.receipts,
}
