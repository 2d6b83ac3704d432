"""The table of predictions holds each row as soon as it is made, opens in a spreadsheet, and is continued."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.types import PredictedImage
from tlstudio.inference.asking import with_asking
from tlstudio.inference.predictions_csv import column_names, open_table

CLASSES = ("ants", "bees")
MODEL = "run-1 0123456789ab"


def good(path, probability=0.75):
    return PredictedImage(path=str(path), probabilities={"ants": 1 - probability, "bees": probability})


def bad(path):
    return PredictedImage(path=str(path), error="It is empty.")


def rows(file):
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))


def one(classes):
    return (LabelColumn(classes=tuple(classes)),)


def table(
    file,
    paths,
    *,
    classes=CLASSES,
    further=(),
    ask_below=None,
    model=MODEL,
    restart=False,
    has_unknown=False,
):
    columns = (*one(classes), *further)
    return open_table(
        file,
        columns=columns,
        has_unknown=has_unknown,
        ask_below=ask_below,
        model=model,
        paths=map(str, paths),
        restart=restart,
    )


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    files = [folder / f"{number}.jpg" for number in range(4)]
    for file in files:
        file.write_bytes(b"x")
    return files


@pytest.fixture
def file(tmp_path):
    return tmp_path / "predictions.csv"


def fill(file, images, count, **settings):
    with table(file, images, **settings) as open_file:
        for image in images[:count]:
            open_file.add(good(image))


def test_every_row_is_in_the_file_as_soon_as_it_is_made(file, images):
    with table(file, images) as open_file:
        assert rows(file) == [["path", "class", "probability", "ants", "bees", "error", "date", "model"]]
        open_file.add(good(images[0]))
        assert rows(file)[1] == [str(images[0]), "bees", "0.750000", "0.250000", "0.750000", "", "", MODEL]
        open_file.add(bad(images[1]))
        assert rows(file)[2] == [str(images[1]), "", "", "", "", "It is empty.", "", MODEL]


def test_the_file_begins_with_a_byte_order_mark(file, images):
    fill(file, images, 1)
    assert file.read_bytes().startswith(b"\xef\xbb\xbfpath,")
    fill(file, images, 1)  # continued
    assert file.read_bytes().count(b"\xef\xbb\xbf") == 1


def test_a_later_call_takes_rows_over_and_ends_like_one_that_was_never_interrupted(file, images, tmp_path):
    fill(file, images, 2)
    with table(file, images) as open_file:
        assert open_file.done == {str(image): good(image) for image in images[:2]}
        for image in images[2:]:
            open_file.add(good(image))
        open_file.put_in_order(map(str, images))
    whole = tmp_path / "whole.csv"
    fill(whole, images, 4)
    assert file.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_row_that_a_kill_cut_off_is_made_again(file, images, cut):
    fill(file, images, 2)
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    with table(file, images) as open_file:
        assert str(images[0]) in open_file.done
        if str(images[1]) not in open_file.done:
            open_file.add(good(images[1]))
    assert file.read_bytes() == whole


def test_rows_of_another_model_or_other_files_leave_the_table(file, images):
    fill(file, images, 4)
    with table(file, images, model="run-2 ffffffffffff") as open_file:
        assert open_file.done == {}
    assert len(rows(file)) == 1
    fill(file, images, 4)
    with table(file, images[2:]) as open_file:
        assert list(open_file.done) == [str(image) for image in images[2:]]
    assert [row[0] for row in rows(file)[1:]] == [str(image) for image in images[2:]]


def test_a_model_with_other_classes_starts_anew(file, images):
    fill(file, images, 4)
    with table(file, images, classes=("ants", "bees", "wasps")) as open_file:
        assert open_file.done == {}
    assert rows(file)[0][3:6] == ["ants", "bees", "wasps"]


def test_errors_and_files_that_were_changed_are_done_again_in_their_old_places(file, images):
    with table(file, images) as open_file:
        for image in images:
            open_file.add(bad(image) if image is images[0] else good(image))
    later = file.stat().st_mtime + 10
    os.utime(images[1], (later, later))
    with table(file, images) as open_file:
        assert list(open_file.done) == [str(image) for image in images[2:]]
        for image in images[:2]:
            open_file.add(good(image))
        open_file.put_in_order(map(str, images))
    assert [row[0] for row in rows(file)[1:]] == [str(image) for image in images]


def test_restart_takes_nothing_over(file, images):
    fill(file, images, 4)
    with table(file, images, restart=True) as open_file:
        assert open_file.done == {}
    assert len(rows(file)) == 1


@pytest.mark.parametrize("name", ["path", "Error", "date", "model", "class", "PROBABILITY"])
def test_a_class_named_like_a_column_gets_a_column_of_another_name(name):
    columns = column_names(one([name, "ants"]))
    assert columns[3:5] == [f"P({name})", "P(ants)"]
    assert len({column.casefold() for column in columns}) == len(columns)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True))
def test_no_two_columns_have_one_name(classes):
    columns = column_names(one(classes))
    assert len(set(columns)) == len(columns)


NAMES = st.one_of(st.text(min_size=1), st.sampled_from(["=1+1", "'=1", "@x", "-2", "a\rb", '"', "+", "\t"]))


@given(name=NAMES, class_name=NAMES)
def test_any_name_survives_and_none_is_a_formula(tmp_path_factory, name, class_name):
    assume(not os.path.lexists(name))
    folder = tmp_path_factory.mktemp("table")
    file = folder / "table.csv"
    predictions = {"other": 0.25} | {class_name: 0.75}
    image = PredictedImage(path=name, probabilities=predictions)
    with table(file, [name], classes=tuple(predictions)) as open_file:
        open_file.add(image)
    cells = [cell for row in rows(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    with table(file, [name], classes=tuple(predictions)) as open_file:
        # The name is that of no file, so its row is made again: but it is recognised as whole.
        assert open_file.done == {}
        open_file.add(image)
    assert [cell for row in rows(file) for cell in row] == cells


def test_a_device_is_written_to_directly(images):
    with table(Path(os.devnull), images) as open_file:
        open_file.add(good(images[0]))
        assert open_file.done == {}


HEALTH = LabelColumn(name="health", classes=("ill", "well"))


def test_further_columns_follow_and_are_continued(file, images):
    both = {"label": {"ants": 0.25, "bees": 0.75}, "health": {"ill": 0.9, "well": 0.1}}
    made = PredictedImage(path=str(images[0]), probabilities=both["label"], columns=both)
    with table(file, images, further=[HEALTH]) as open_file:
        open_file.add(made)
        open_file.add(bad(images[1]))
    header, row, without = rows(file)
    assert header[3:9] == [
        *("ants", "bees", "class of health", "probability of health", "P(health: ill)", "P(health: well)")
    ]
    assert row[5:9] == ["ill", "0.900000", "0.900000", "0.100000"]
    assert without[1:9] == [""] * 8
    with table(file, images, further=[HEALTH]) as open_file:
        assert open_file.done == {str(images[0]): made}


def test_a_class_named_like_the_answer_of_a_further_column_gets_another_name():
    columns = column_names((*one(["class of health", "ants"]), HEALTH))
    assert columns[3:5] == ["P(class of health)", "P(ants)"]
    assert len(set(columns)) == len(columns)


def test_the_table_says_where_a_person_is_asked(file, images):
    below = {"label": AskBelow(0.8)}
    with table(file, images, ask_below=below) as open_file:
        for image, probability in zip(images, (0.75, 0.85), strict=False):
            open_file.add(with_asking(good(image, probability), columns=one(CLASSES), ask_below=below))
        open_file.add(bad(images[2]))
    header, *lines = rows(file)
    assert header == ["path", "class", "probability", "ants", "bees", "ask", "error", "date", "model"]
    assert [line[5] for line in lines] == ["yes", "no", ""]


def test_rows_that_another_threshold_marked_are_done_again(file, images):
    with table(file, images, ask_below={"label": AskBelow(0.8)}) as open_file:
        for image, probability in zip(images, (0.75, 0.95), strict=False):
            answer = good(image, probability)
            open_file.add(with_asking(answer, columns=one(CLASSES), ask_below={"label": AskBelow(0.8)}))
    with table(file, images, ask_below={"label": AskBelow(0.8)}) as open_file:
        assert [one.ask for one in open_file.done.values()] == [{"label": True}, {"label": False}]
    with table(file, images, ask_below={"label": AskBelow(0.7)}) as open_file:
        assert list(open_file.done) == [str(images[1])]


def test_each_label_column_says_whether_a_person_is_asked():
    health = LabelColumn(name="health", classes=("ill", "well"))
    names = column_names((*one(CLASSES), health), ask_below={"label": AskBelow(0.8), "health": AskBelow(0.7)})
    assert names[-5:] == ["ask", "ask of health", "error", "date", "model"]
    assert column_names((*one(CLASSES), health), ask_below={"health": AskBelow(0.7)})[-4] == "ask of health"


def test_a_class_called_ask_is_kept_apart():
    assert column_names(one(("ask", "bee")), ask_below={"label": AskBelow(0.8)})[3:5] == ["P(ask)", "P(bee)"]
    assert column_names(one(("ask", "bee")))[3:5] == ["ask", "bee"]


@pytest.mark.parametrize("further", [(), (HEALTH,)])
def test_the_unknown_score_stands_before_the_error_and_is_continued(file, images, further):
    both = {"label": {"ants": 0.25, "bees": 0.75}, "health": {"ill": 0.9, "well": 0.1}}
    columns = both if further else {}
    made = PredictedImage(path=str(images[0]), probabilities=both["label"], columns=columns, unknown=0.625)
    with table(file, images, further=further, has_unknown=True) as open_file:
        open_file.add(made)
        open_file.add(bad(images[1]))
    header, row, without = rows(file)
    assert header[-4:] == ["unknown", "error", "date", "model"]
    assert row[-4:] == ["0.625000", "", "", MODEL]
    assert without[-4:] == ["", "It is empty.", "", MODEL]
    with table(file, images, further=further, has_unknown=True) as open_file:
        assert open_file.done == {str(images[0]): made}
    with table(file, images, further=further) as open_file:
        assert open_file.done == {}


def test_a_class_named_unknown_gets_another_name_where_there_is_a_score():
    assert column_names(one(["unknown"]))[3] == "unknown"
    assert column_names(one(["unknown"]), has_unknown=True)[3] == "P(unknown)"


def test_the_score_and_the_question_stand_side_by_side(file, images):
    below = {"label": AskBelow(0.8)}
    made = with_asking(
        PredictedImage(path=str(images[0]), probabilities={"ants": 0.25, "bees": 0.75}, unknown=0.5),
        columns=one(CLASSES),
        ask_below=below,
    )
    with table(file, images, ask_below=below, has_unknown=True) as open_file:
        open_file.add(made)
    assert rows(file)[0][-5:] == ["unknown", "ask", "error", "date", "model"]
    assert rows(file)[1][-5:-2] == ["0.500000", "yes", ""]
    with table(file, images, ask_below=below, has_unknown=True) as open_file:
        assert open_file.done == {str(images[0]): made}
