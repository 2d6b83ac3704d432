"""The tree of folders with images."""

from __future__ import annotations

from tlstudio.data.layout.tree import folder_tree


def test_images_are_counted_at_any_depth():
    tree = folder_tree(["top.jpg", "a/1.jpg", "a/b/2.jpg", "a/b/3.jpg"])
    assert (tree.images, tree.count()) == (1, 4)
    assert tree.children["a"].children["b"].path == "a/b"
    assert tree.children["a"].children["b"].name == "b"


def test_wrappers_are_stepped_into_up_to_the_first_folder_that_holds_several():
    assert folder_tree(["x/y/a/1.jpg", "x/y/b/2.jpg"]).unwrapped().path == "x/y"
    assert folder_tree(["x/a/1.jpg", "x/a/2.jpg", "x/b/2.jpg", "x/over.jpg"]).unwrapped().path == "x"
    assert folder_tree(["x/a/1.jpg", "x/a/2.jpg", "x/b/2.jpg", "over.jpg"]).unwrapped().path == "x"


def test_a_single_class_is_no_wrapper():
    assert folder_tree(["cats/1.jpg"]).unwrapped().path == ""
    assert folder_tree(["cats/old/1.jpg"]).unwrapped().path == ""
    assert folder_tree(["1.jpg"]).unwrapped().path == ""
    # More loose images than others: the folders are not what matters here.
    assert folder_tree([*(f"x/{n}.jpg" for n in range(9)), "x/a/1.jpg", "x/b/1.jpg"]).unwrapped().path == ""


def test_very_deep_folders_do_not_exhaust_the_stack():
    assert folder_tree(["/".join("d" * 3000) + "/1.jpg"]).count() == 1
