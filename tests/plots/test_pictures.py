import numpy as np
import pytest

from pellucid import plots


def test_rows_of_pixels_become_square_images_under_their_captions():
    images = np.arange(3 * 16.0).reshape(3, 16)
    axes = plots.pictures(images, ["a", "b", "c"], columns=2, title="Three")
    assert [ax.get_title() for ax in axes] == ["a", "b", "c"]
    for ax, image in zip(axes, images, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), image.reshape(4, 4))
    assert axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 2)
    assert axes[0].figure.get_suptitle() == "Three"


def test_all_images_share_one_scale_of_grey():
    axes = plots.pictures(np.array([[[0.0, 1.0]], [[0.0, 16.0]]]))
    assert {ax.images[0].get_clim() for ax in axes} == {(0.0, 16.0)}


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"images has shape \(2, 3\)"):
        plots.pictures(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="1 captions for 2 images"):
        plots.pictures(np.zeros((2, 4)), ["one"])
    with pytest.raises(ValueError, match="columns=0"):
        plots.pictures(np.zeros((2, 4)), columns=0)
