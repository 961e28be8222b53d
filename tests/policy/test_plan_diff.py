from fedora_openqa.model.recordings import PlanChange, PlannedProduct
from fedora_openqa.policy.plan_diff import compare_plans


def product(flavor: str, **settings: str) -> PlannedProduct:
    return PlannedProduct("update:U", flavor, "x86_64", settings)


def test_what_only_one_plan_has_is_new_or_gone() -> None:
    assert compare_plans([product("a"), product("b")], [product("b"), product("c")]) == (
        PlanChange("update:U", "a", "x86_64", "-"),
        PlanChange("update:U", "c", "x86_64", "+"),
    )


def test_other_settings_are_named() -> None:
    old, new = product("a", A="1", B="2", C="3"), product("a", A="1", B="x", D="4")
    assert compare_plans([old], [new]) == (
        PlanChange("update:U", "a", "x86_64", "~", ("B", "C", "D")),
    )


def test_equal_plans_have_no_difference() -> None:
    assert compare_plans([product("a", A="1")], [product("a", A="1")]) == ()
