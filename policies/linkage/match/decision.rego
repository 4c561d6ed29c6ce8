# METADATA
# title: May this question be asked, and answered?
# description: |
#   Both nodes put every question to this decision: the requester's node before it asks, the provider's before it
#   answers. The input has the shape of AuthZEN: subject, action, resource, context. The answer always has the same
#   four fields. What is not allowed in so many words is refused.
# scope: package
package linkage.match

# METADATA
# description: The one entrypoint. Without a revision in the data nothing is approved, for nothing could be traced.
# entrypoint: true
default decision := {"allow": false, "reasons": ["policy_denied"], "obligations": {}, "revision": "none"}

decision := {"allow": true, "reasons": [], "obligations": checked.obligations, "revision": revision} if allow

decision := {"allow": false, "reasons": sort(reasons), "obligations": {}, "revision": revision} if {
	not allow
	count(reasons) > 0
}

# METADATA
# description: The question fits, and no rule has found a reason against.
# scope: document
default allow := false

allow if {
	fits
	count(reasons) == 0
}

# METADATA
# description: Every helper must hold.
# scope: document
default fits := false

fits if {
	sound
	agreement_in_force
	parties_agreed
	period_agreed
	use_agreed
	terms_agreed
	within_limits
	within_guardrails
	checked.obligations.kinds
}

# METADATA
# description: Names the rules and agreements that decide; the node computes it over their content.
revision := named if {
	named := data.revision
	is_string(named)
	named != ""
}
