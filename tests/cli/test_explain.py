"""`tlstudio explain`: the picture, the lists and the words."""

from __future__ import annotations

from tlstudio.cli.command import load_command


def test_explain_draws_the_map_and_lists_the_images_behind_the_answer(call, trained, tmp_path):
    image = next(iter(sorted(trained.images.rglob("photo-*.jpg"))))
    out = tmp_path / "looked.png"
    code, value, _ = call("explain", trained.run, image, "--out", out, "--count", 3, "--json")
    assert code == 0
    assert out.exists()
    assert set(value) == {"looked", "related"}
    assert len(value["related"]["similar"]) == 3
    words = load_command("explain").describe(value)
    assert f"Picture: {out}" in words
    assert value["related"]["similar"][0]["path"] in words
    assert f"pulled it to {value['related']['class']}" in words


def test_explain_refuses_a_class_that_the_classifier_does_not_know(call, trained):
    image = next(iter(sorted(trained.images.rglob("photo-*.jpg"))))
    code, _, err = call("explain", trained.run, image, "--class", "emu")
    assert code == 2
    assert "emu" in err
