"""Drawing a new split."""


def test_a_new_split_has_the_sizes_and_the_seed_asked_for(scanned, do):
    value = do("split-project", project=scanned.folder, validation=0.25, test=0.5, seed=3)
    assert (value["train"], value["validation"], value["test"]) == (6, 6, 12)
    assert scanned.split().seed == 3
    drawn = scanned.split().assignment
    do("split-project", project=scanned.folder, validation=0.25, test=0.5, seed=4)
    assert scanned.split().assignment != drawn
