import torch

from tlstudio.compute.seeds import derive_seed, generator


def test_a_draw_depends_on_seed_and_purpose_only():
    first = torch.randperm(20, generator=generator(1, "order", 3))
    torch.rand(5)
    assert torch.equal(first, torch.randperm(20, generator=generator(1, "order", 3)))
    assert not torch.equal(first, torch.randperm(20, generator=generator(1, "order", 4)))
    assert not torch.equal(first, torch.randperm(20, generator=generator(2, "order", 3)))


def test_draws_are_the_same_on_every_computer():
    assert derive_seed(0, "order", 1) == derive_seed(0, "order", "1")
    assert derive_seed(7, "views", 2) == 2998201534863908645
