"""What tests read of a chart: its specification, its rows and its menus."""

from __future__ import annotations


def spec_of(chart) -> dict:
    """A chart's specification, without the check against the schema, which is slow and has a test of its own."""
    return chart.to_dict(validate=False)


def rows(spec: dict) -> list[dict]:
    """The rows of a chart's largest table."""
    return max(spec["datasets"].values(), key=lambda data: (len(data), len(data[0])))


def menus(spec: dict) -> dict[str, dict[str, object]]:
    """What each menu offers, by its label: the options by their names."""
    bound = [param["bind"] for param in spec.get("params", []) if isinstance(param.get("bind"), dict)]
    choices = [bind for bind in bound if bind["input"] == "select"]
    return {bind["name"].strip(): dict(zip(bind["labels"], bind["options"], strict=True)) for bind in choices}
