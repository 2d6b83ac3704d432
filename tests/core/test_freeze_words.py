from tlstudio.core.freeze_words import line_words, readable, tried_words


def test_stages_and_lines_are_readable():
    assert [readable(name) for name in ("blocks.6", "conv_head")] == ["blocks 6", "conv head"]
    assert [line_words(name) for name in ("head", "none", "layer4")] == [
        "only the head", "everything", "from layer4 up"
    ]  # fmt: skip


def test_what_was_tried_names_its_option():
    assert tried_words("blocks.6") == "from blocks 6 up"
    assert tried_words("blocks.6", "with crops") == "from blocks 6 up, with crops"
