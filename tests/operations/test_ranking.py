"""Which backbones are ranked when none is named."""

from tlstudio.operations.ranking import ready_offline


def test_backbones_that_work_without_a_network_are_ranked():
    ready = ready_offline()
    assert "efficientnet_lite0" in ready
    assert "vgg16_bn" not in ready
