"""Outlines, invented clavicles and the ranking of films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cenotaph.dossier.film_tables import load_clavicle_model
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.formats.ply import read_ply
from cenotaph.radiography.clavicle import (
    Readings,
    euclidean_distance,
    fit_clavicle_model,
    log_lr,
    shape_log_lr,
    size_log_lr,
    subject_log_lr,
)
from cenotaph.radiography.invented import draw_clavicles, film_outlines, scan_outlines
from cenotaph.radiography.matching import cumulative_match, ranks_of_truth
from cenotaph.radiography.outline import Shapes, draw_shape, mirror, resample, shapes_of
from cenotaph.radiography.silhouette import pose_grid, silhouette, turn
from cenotaph.scoring import cllr

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


def invented(people: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    clavicles = draw_clavicles(people, rng)
    return scan_outlines(clavicles, rng), film_outlines(clavicles, rng)


def as_shapes(outlines: NDArray[np.float64]) -> Shapes:
    return shapes_of(list(outlines), ["L"] * len(outlines))


@pytest.mark.parametrize("wrong", [[[0, 0], [1, 1]], [[0, 0], [1, 1], [2, 2]], [[0, 0], [1, np.nan], [2, 0]], [1, 2]])
def test_what_is_not_an_outline(wrong: list[object]) -> None:
    with pytest.raises(InvalidInput):
        resample(wrong)


def test_unknown_side() -> None:
    with pytest.raises(InvalidInput, match="side"):
        shapes_of([SQUARE], ["left"])


def test_a_right_bone_is_a_left_one_in_the_mirror() -> None:
    bones, _ = invented(3, 1)
    left = shapes_of(list(bones), ["L"] * 3)
    right = shapes_of([mirror(b) for b in bones], ["R"] * 3)
    assert left.vectors == pytest.approx(right.vectors, abs=1e-12)


def test_coefficients_draw_the_outline() -> None:
    bones, _ = invented(1, 2)
    shapes = as_shapes(bones)
    drawn = draw_shape(shapes, 0) * np.exp(shapes.log_size[0])
    assert np.ptp(drawn[:, 0]) == pytest.approx(np.ptp(bones[0, :, 0]), rel=0.02)


def test_the_pinned_noise_gives_the_published_rank() -> None:
    bones, films = invented(2000, 409)
    distance = euclidean_distance(as_shapes(bones), as_shapes(films))
    curve = cumulative_match(ranks_of_truth(-distance, np.arange(2000)), 2000)
    assert curve.recall_at(0.05) == pytest.approx(0.75, abs=0.02)


@pytest.mark.slow
def test_the_shipped_model_finds_the_man_among_6400_films() -> None:
    model = load_clavicle_model()
    outlines, films = invented(6400, 6400)
    bones = model.read(list(outlines[:400]), ["L"] * 400)
    men = model.read(list(films), ["L"] * 6400)
    truth = np.arange(400)
    ratios = log_lr(model, bones, men, bounded=False)
    curve = cumulative_match(ranks_of_truth(ratios, truth), 6400)
    assert curve.recall_at(0.05) >= 0.92
    assert curve.interval_at(0.05)[0] >= 0.90
    others = ratios[np.arange(6400)[None] != truth[:, None]]
    assert cllr(ratios[truth, truth], others) < 0.3
    plain = cumulative_match(ranks_of_truth(-euclidean_distance(bones, men), truth), 6400)
    assert plain.recall_at(0.05) < curve.recall_at(0.05) - 0.1


def test_support_is_bounded_by_the_people_behind_it() -> None:
    model = load_clavicle_model()
    outlines, films = invented(40, 3)
    ratios = log_lr(model, model.read(list(outlines), ["L"] * 40), model.read(list(films), ["L"] * 40))
    assert np.abs(ratios).max() <= np.log(model.pairs)


def test_turning_moving_and_mirroring_change_nothing() -> None:
    model = load_clavicle_model()
    outlines, films = invented(5, 4)
    plain = shape_log_lr(model, model.read(list(outlines), ["L"] * 5), model.read(list(films), ["L"] * 5))
    turned = [o @ turn(0, 0, 100)[:2, :2].T * 3 + 40 for o in outlines]
    mirrored = [mirror(f) for f in films]
    again = shape_log_lr(model, model.read(turned, ["L"] * 5), model.read(mirrored, ["R"] * 5))
    assert again == pytest.approx(plain, abs=1e-8)


def test_size_is_free_of_the_unit_of_the_films() -> None:
    model = load_clavicle_model()
    outlines, films = invented(60, 5)
    bones = model.read(list(outlines[:2]), ["L"] * 2)
    here, in_pixels = (model.read(list(films * k), ["L"] * 60) for k in (1.0, 7.5))
    terms = [size_log_lr(model, bones.log_size, f.log_size) for f in (here, in_pixels)]
    assert terms[0] == pytest.approx(terms[1], abs=1e-9)
    assert np.abs(terms[0]).max() > 0
    assert log_lr(model, bones, here.take([0]), bounded=False) == pytest.approx(
        shape_log_lr(model, bones, here.take([0]))
    )


def test_too_few_pairs() -> None:
    outlines, films = invented(20, 6)
    with pytest.raises(InvalidInput, match="pairs"):
        fit_clavicle_model(as_shapes(outlines), as_shapes(films), basis="test")


def test_a_users_own_model_beats_the_plain_distance() -> None:
    outlines, films = invented(300, 7)
    model = fit_clavicle_model(as_shapes(outlines), as_shapes(films), basis="test")
    outlines, films = invented(400, 8)
    bones, men = (model.read(list(o), ["L"] * 400) for o in (outlines, films))
    truth = np.arange(400)
    recall = [
        cumulative_match(ranks_of_truth(s, truth), 400).recall_at(0.05)
        for s in (log_lr(model, bones, men, bounded=False), -euclidean_distance(bones, men))
    ]
    assert recall[0] > recall[1] + 0.05


def test_several_outlines_of_one_subject() -> None:
    model = load_clavicle_model()
    outlines, films = invented(3, 9)
    bones, men = model.read(list(outlines), ["L"] * 3), model.read(list(films), ["L"] * 3)
    single = shape_log_lr(model, bones, men)
    left = np.zeros(3, dtype=bool)
    scans = Readings(bones, left, np.array([0, 0, 1]), 2)
    pictures = Readings(men, np.array([False, True, False]), np.array([0, 1, 2]), 4)
    values = subject_log_lr(model, scans, pictures, bounded=False)
    assert values[0, 0] == pytest.approx(np.log(np.exp(single[:2, 0]).mean()))
    assert values[1, 2] == pytest.approx(single[2, 2])
    assert values[:, 1].tolist() == [0, 0]  # a right film says nothing of a left bone
    assert values[:, 3].tolist() == [0, 0]  # a man without a film


def test_subjects_by_the_thousand() -> None:
    model = load_clavicle_model()
    outlines, films = invented(50, 10)
    many = np.arange(2000) % 50
    bones = model.read(list(outlines), ["L"] * 50).take(many)
    men = model.read(list(films), ["L"] * 50).take(np.arange(6400) % 50)
    sides = [np.zeros(n, dtype=bool) for n in (2000, 6400)]
    values = subject_log_lr(
        model, Readings(bones, sides[0], np.arange(2000), 2000), Readings(men, sides[1], np.arange(6400), 6400)
    )
    assert values.shape == (2000, 6400)
    assert values[:50, :50] == pytest.approx(log_lr(model, bones.take(range(50)), men.take(range(6400)))[:, :50])


def tube(length: float = 150.0, radius: float = 6.0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A straight rod along the first axis, open at its ends."""
    around = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    along = np.linspace(0, length, 30)
    ring = np.stack((np.zeros(24), radius * np.cos(around), radius * np.sin(around)), axis=1)
    vertices = np.concatenate([ring + np.array([x, 0, 0]) for x in along])
    faces = [
        corner
        for k in range(29)
        for j in range(24)
        for corner in (
            (24 * k + j, 24 * k + (j + 1) % 24, 24 * k + 24 + j),
            (24 * k + (j + 1) % 24, 24 * k + 24 + (j + 1) % 24, 24 * k + 24 + j),
        )
    ]
    return vertices, np.array(faces)


def test_silhouettes_of_a_rod() -> None:
    vertices, faces = tube()
    width, height = np.ptp(silhouette(vertices, faces), axis=0)
    assert (width, height) == pytest.approx((150.0, 12.0))
    turned = silhouette(vertices, faces, (0, 60, 0))
    assert np.ptp(turned[:, 0]) == pytest.approx(150 * 0.5 + 12 * np.sin(np.pi / 3), abs=0.2)
    hull = silhouette(vertices, None)
    assert np.ptp(hull, axis=0) == pytest.approx((150.0, 12.0))
    assert all(np.ptp(silhouette(vertices, faces, p)[:, 0]) < 153 for p in pose_grid(10, 2))


@pytest.mark.parametrize("faces", [[[0, 1, 99]], [[0, 1]]])
def test_faces_of_nothing(faces: list[list[int]]) -> None:
    with pytest.raises(InvalidInput):
        silhouette(tube()[0][:10], faces)


def test_a_scan_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "bone.ply"
    file.write_text(
        "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
        "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n4 0 0\n4 2 0\n0 2 0\n4 0 1 2 3\n",
        encoding="ascii",
    )
    scan = read_ply(file)
    assert scan.faces is not None
    assert scan.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert np.ptp(silhouette(scan.vertices, scan.faces), axis=0).tolist() == [4.0, 2.0]
    file.write_text("solid\n", encoding="ascii")
    with pytest.raises(FormatError, match=r"bone\.ply"):
        read_ply(file)
