"""No cell is a formula, and every text comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.spreadsheet import FORMULA_STARTS, safe_cell, text_of_cell

TEXTS = st.one_of(st.text(), st.text(alphabet="'=+-@\t\ra"))


@given(TEXTS)
def test_every_text_comes_back_and_is_no_formula(text):
    cell = safe_cell(text)
    assert text_of_cell(cell) == text
    assert not cell.startswith(FORMULA_STARTS)


@pytest.mark.parametrize("text", ["photo.jpg", "it's", "'quoted'", "", "a=b"])
def test_ordinary_texts_stay_as_they_are(text):
    assert safe_cell(text) == text
