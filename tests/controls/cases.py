"""For each control a world in which it passes, fails, does not apply, and cannot be known."""

from __future__ import annotations

from collections.abc import Callable

DURING = "2026-03-15T00:00:00.000000Z"  # two weeks after the pipeline ran
POINTS = {str(number): "as described" for number in range(1, 10)}

GDPR = {"gdpr_role": "controller"}
HIPAA = {"hipaa_role": "covered_entity"}
SOX = {"sox_scope": True}
HIGH = {"ai_act_role": "provider", "ai_act_class": "high_annex_iii"}

Make = Callable[[object], object]


def gdpr(world):
    return world.pipeline().system(**GDPR)


def hipaa(world):
    return world.pipeline().system(**HIPAA)


def sox(world):
    return world.pipeline().system(**SOX)


def high(world):
    return world.pipeline().system(**HIGH)


def _(frame: str) -> dict[str, Make]:
    """A system of which nobody stated whether the framework concerns it; or that it does not."""
    off = {"gdpr": {"gdpr_role": "none"}, "hipaa": {"hipaa_role": "none"}, "sox": {"sox_scope": False}}
    off["class"] = {"ai_act_class": "minimal"}
    off["role"] = {"ai_act_role": "none"}
    return {
        "not_applicable": lambda world: world.pipeline().system(**off[frame]),
        "unknown": lambda world: world.pipeline().system(),
    }


def complete(world):
    return (
        gdpr(world)
        .tagged("PII")
        .purpose(
            description="credit scores",
            controller="The bank",
            subject_categories=("applicants",),
            recipient_categories=("lending",),
        )
        .sources(region="DE")
        .retention("*", most=100_000)
    )


CASES: dict[str, dict[str, Make]] = {
    "GDPR-6-1": {
        "pass": lambda world: gdpr(world).tagged("PII").purpose().basis(),
        "fail": lambda world: gdpr(world).tagged("PII").purpose(),
        "manual": lambda world: gdpr(world).tagged("PII").purpose().basis("6(1)(f)"),
        **_("gdpr"),
    },
    "GDPR-5-1-B": {
        "pass": lambda world: gdpr(world).tagged("PII").purpose().source(purpose="scoring"),
        "fail": lambda world: gdpr(world).tagged("PII").purpose().source(purpose="billing"),
        "manual": lambda world: (
            gdpr(world).tagged("PII").purpose(compatible_with=("billing",)).source(purpose="billing")
        ),
        **_("gdpr"),
        "unknown": lambda world: gdpr(world).tagged("PII").purpose(),
    },
    "GDPR-5-1-C": {
        "pass": lambda world: gdpr(world).tagged("PII"),
        "fail": lambda world: gdpr(world).tagged("PII", "SSN", column="ssn"),
        "manual": lambda world: gdpr(world).tagged("PII", "NATIONAL_ID"),
        **_("gdpr"),
        "unknown": gdpr,
    },
    "GDPR-5-1-E": {
        "pass": lambda world: gdpr(world).tagged("PII").retention("*", most=100_000),
        "fail": lambda world: gdpr(world).tagged("PII").retention("*", most=1).hold("others"),
        "manual": lambda world: gdpr(world).tagged("PII").retention("*", most=1).hold("*"),
        **_("gdpr"),
    },
    "GDPR-5-2": {
        "pass": lambda world: world.pipeline().verified().witnessed(),
        "fail": lambda world: world.pipeline().verified(ok=False),
        "manual": lambda world: world.pipeline().verified(),
        "unknown": lambda world: world.pipeline(),
    },
    "GDPR-9-2": {
        "pass": lambda world: gdpr(world).tagged("SPECIAL").purpose().basis(art9_condition="9(2)(h)"),
        "fail": lambda world: gdpr(world).tagged("SPECIAL").purpose().basis(),
        **_("gdpr"),
        "not_applicable": lambda world: gdpr(world).tagged("PII"),
    },
    "GDPR-25": {
        "pass": lambda world: world.harmless().pipeline().system(**GDPR),
        "fail": gdpr,
        "manual": lambda world: gdpr(world).tagged("PII"),
        **_("gdpr"),
    },
    "GDPR-30": {
        "pass": lambda world: complete(world).document("ropa_entry", "purpose:scoring"),
        "fail": lambda world: gdpr(world).tagged("PII").purpose(),
        "manual": complete,
        **_("gdpr"),
    },
    "GDPR-35": {
        "pass": lambda world: (
            gdpr(world).tagged("PII").purpose(high_risk=True).document("dpia", "purpose:scoring").deploy()
        ),
        "fail": lambda world: (
            gdpr(world).tagged("PII").purpose(high_risk=True).deploy().document("dpia", "purpose:scoring")
        ),
        "manual": lambda world: gdpr(world).tagged("PII").purpose(),
        **_("gdpr"),
    },
    "GDPR-44": {
        "pass": lambda world: gdpr(world).tagged("PII").sources(region="DE").deploy(region="FR"),
        "fail": lambda world: gdpr(world).tagged("PII").sources(region="DE").deploy(region="US"),
        **_("gdpr"),
        "unknown": lambda world: gdpr(world).tagged("PII").deploy(region="US"),
    },
    "HIPAA-506-USE": {
        "pass": lambda world: hipaa(world).tagged("PHI").purpose().basis("508_authorization"),
        "fail": lambda world: hipaa(world).tagged("PHI").purpose().basis("6(1)(b)"),
        "manual": lambda world: hipaa(world).tagged("PHI").purpose().basis("506_tpo"),
        **_("hipaa"),
    },
    "HIPAA-502-B": {
        "pass": lambda world: (
            hipaa(world).tagged("PHI").purpose(columns=("patients#birth_date", "clean#age"))
        ),
        "fail": lambda world: hipaa(world).tagged("PHI").purpose(columns=("patients#name",)),
        "manual": lambda world: hipaa(world).tagged("PHI").purpose(),
        **_("hipaa"),
    },
    "HIPAA-312-C": {
        "pass": lambda world: hipaa(world).tagged("PHI"),
        "fail": lambda world: hipaa(world).tagged("PHI").replaced(),
        **_("hipaa"),
    },
    "HIPAA-316": {
        "pass": lambda world: hipaa(world).retention("ledger", least=2192),
        "fail": lambda world: hipaa(world).retention("ledger", least=365),
        **_("hipaa"),
    },
    "SOX-CM-1": {
        "pass": lambda world: sox(world).approve().deploy(),
        "fail": lambda world: sox(world).deploy().approve(),
        "manual": lambda world: sox(world).approve(ticket=None).deploy(),
        **_("sox"),
    },
    "SOX-CM-2": {
        "pass": lambda world: sox(world).document("acceptance_criteria").deploy(),
        "fail": lambda world: world.unmeasured().system(**SOX).deploy(),
        "manual": lambda world: sox(world).deploy(),
        **_("sox"),
    },
    "SOX-CM-3": {
        "pass": lambda world: sox(world).approve().deploy(),
        "fail": lambda world: world.pipeline(dirty=True).system(**SOX).deploy(),
        **_("sox"),
        "unknown": lambda world: sox(world).deploy(artifact=None),
    },
    "SOX-CM-4": {
        "pass": lambda world: sox(world).deploy("releaser", emergency=True).approve(),
        "fail": lambda world: sox(world).deploy("releaser", emergency=True).approve("releaser"),
        "manual": lambda world: sox(world).deploy("releaser", emergency=True),
        **_("sox"),
    },
    "SOX-SOD-1": {
        "pass": lambda world: sox(world).separated(),
        "fail": lambda world: sox(world).approve(None).deploy(),
        "manual": lambda world: sox(world).approve().deploy(),
        **_("sox"),
    },
    "SOX-802-RET": {
        "pass": lambda world: sox(world).retention("ledger", least=2557).verified(),
        "fail": lambda world: sox(world).verified(),
        "not_applicable": lambda world: world.pipeline().system(sox_scope=False),
        "unknown": lambda world: sox(world).retention("ledger", least=2557),
    },
    "AIA-6": {
        "pass": lambda world: world.pipeline().system(reason="Annex III 5(b)", **HIGH).deploy(),
        "fail": lambda world: high(world).deploy(),
        "manual": lambda world: (
            world.pipeline()
            .system(ai_act_role="provider", ai_act_class="minimal", reason="no people")
            .deploy()
        ),
        **_("role"),
    },
    "AIA-10-2": {
        "pass": lambda world: high(world).sources(origin="ward", obtained="at admission"),
        "fail": high,
        "manual": lambda world: high(world).sources(origin="ward"),
        **_("class"),
    },
    "AIA-11": {
        "pass": lambda world: (
            high(world).retention("ledger", least=3653).document("technical_file", fields=POINTS).deploy()
        ),
        "fail": lambda world: (
            high(world).retention("ledger", least=3653).document("technical_file", fields={"1": "x"}).deploy()
        ),
        **_("class"),
    },
    "AIA-12": {
        "pass": lambda world: high(world).deploy(),
        "fail": lambda world: high(world).deploy().unregistered(),
        **_("class"),
    },
    "AIA-13": {
        "pass": lambda world: high(world).document("instructions_for_use", fields={"auc": "0.97"}).deploy(),
        "fail": lambda world: high(world).document("instructions_for_use", fields={"auc": "0.99"}).deploy(),
        "manual": lambda world: high(world).document("instructions_for_use").deploy(),
        **_("class"),
    },
    "AIA-19": {
        "pass": lambda world: high(world).retention("predictions", least=184, most=1095).deploy(),
        "fail": lambda world: high(world).retention("predictions", least=90, most=1095).deploy(),
        "manual": lambda world: high(world).retention("predictions", least=184).deploy(),
        **_("class"),
    },
}

# Judged for a moment near the pipeline: their evidence ages.
MOMENTS = {("HIPAA-312-C", "pass"): DURING, ("AIA-12", "pass"): "2026-03-01T12:00:00.000000Z"}
