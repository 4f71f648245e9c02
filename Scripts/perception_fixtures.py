"""What scikit-image and SciPy say of pictures that a formula makes, for Tests/PerceptionTests and Tests/InsightTests.

Exactly, in double precision and rounded to float32 once: with u of formula.py (SplitMix64),

  block(seed, c, y, x)   u(seed, (c * height + y // 4) * width + x // 4), squares of 4 by 4 pixels
  first                  0.2 + 0.6 * block
  second                 first + amplitude * (u(seed + 1, (c * height + y) * width + x) - 0.5), cut to 0...1

MS-SSIM is written out here with the weights that its authors published, on windows as scikit-image cuts them.
"""

import json
import pathlib

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "perception"
WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
# Channels, height, width, seed, amplitude.
PICTURES = [
    (1, 28, 28, 1, 0.2), (1, 28, 28, 2, 1.5), (3, 32, 32, 3, 0.03), (3, 45, 31, 4, 0.5), (1, 11, 13, 5, 0.4),
    (1, 180, 176, 6, 0.3), (3, 177, 191, 7, 0.1), (3, 9, 40, 8, 0.2), (1, 1, 1, 9, 0.2),
]
# Angle in degrees, shift down and to the right in pixels.
MOTIONS = [(30, 3, -3), (-17.3, 0, 0), (0, 1.25, -0.5), (90, 0, 0), (7, -2.6, 1.9), (0, 0, 0)]
# Pairs of colours that Sharma, Wu and Dalal published because implementations go wrong there.
COLORS = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485)), ((50, 3.1571, -77.2803), (50, 0, -82.7485)),
    ((50, 2.8361, -74.02), (50, 0, -82.7485)), ((50, -1.3802, -84.2814), (50, 0, -82.7485)),
    ((50, 0, 0), (50, -1, 2)), ((50, 2.49, -0.001), (50, -2.49, 0.0009)), ((50, 2.49, -0.001), (50, -2.49, 0.001)),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011)), ((50, -0.001, 2.49), (50, 0.0009, -2.49)),
    ((50, 2.5, 0), (50, 0, -2.5)), ((50, 2.5, 0), (73, 25, -18)), ((50, 2.5, 0), (61, -5, 29)),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)), ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619)),
    ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447)), ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514)),
]


def uniforms(seed, places):
    """u(seed, i) of formula.py at some places."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (places.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2.0**24


def pictures(channels, height, width, seed, amplitude):
    """Both pictures as doubles, which are float32 numbers."""
    c, y, x = np.meshgrid(np.arange(channels), np.arange(height), np.arange(width), indexing="ij")
    first = 0.2 + 0.6 * uniforms(seed, (c * height + y // 4) * width + x // 4)
    noise = uniforms(seed + 1, (c * height + y) * width + x)
    second = np.clip(first + amplitude * (noise - 0.5), 0, 1)
    return [picture.astype(np.float32).astype(np.float64) for picture in (first, second)]


def ssim(first, second, **options):
    """The mean over channels."""
    return structural_similarity(first, second, data_range=1, channel_axis=0, **options)


PAPER = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def terms(first, second):
    """SSIM and its second factor in the mean over whole windows of a plane."""
    def mean(values):
        return gaussian_filter(values, 1.5, truncate=3.5)[5:-5, 5:-5]

    m1, m2 = mean(first), mean(second)
    v1, v2 = mean(first**2) - m1**2, mean(second**2) - m2**2
    contrast = (2 * (mean(first * second) - m1 * m2) + 0.03**2) / (v1 + v2 + 0.03**2)
    return ((2 * m1 * m2 + 0.01**2) / (m1**2 + m2**2 + 0.01**2) * contrast).mean(), contrast.mean()


def halved(plane):
    """Means of 2 by 2 pixels; a last row or column without a partner stands for itself."""
    plane = np.pad(plane, [(0, size % 2) for size in plane.shape], mode="edge")
    return (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]) / 4


def ms_ssim(first, second, scales):
    """The product over scales, in the mean over channels."""
    weights = WEIGHTS[:scales] / WEIGHTS[:scales].sum()
    values = []
    for a, b in zip(first, second):
        product = 1.0
        for scale, weight in enumerate(weights):
            whole, contrast = terms(a, b)
            product *= max(whole if scale == scales - 1 else contrast, 0) ** weight
            a, b = halved(a), halved(b)
        values.append(product)
    return float(np.mean(values))


def color_differences(first, second):
    """CIEDE2000 of every pixel."""
    if len(first) == 1:
        first, second = np.repeat(first, 3, 0), np.repeat(second, 3, 0)
    return deltaE_ciede2000(*(rgb2lab(np.moveaxis(picture, 0, -1)) for picture in (first, second)))


def measures(first, second):
    """All measures by their names in records; None where there is no room for a window."""
    change = second - first
    side = min(first.shape[1:])
    scales = sum(11 << scale <= side for scale in range(5))
    colors = color_differences(first, second)
    same = not change.any()
    return {
        "pixels": int((change != 0).any(0).sum()), "sum": float(np.abs(change).sum()),
        "length": float(np.sqrt((change**2).sum())), "largest": float(np.abs(change).max()),
        "root_mean_square": float(np.sqrt((change**2).mean())),
        "psnr": None if same else float(peak_signal_noise_ratio(first, second, data_range=1)),
        "ssim": float(ssim(first, second, **PAPER)) if scales else None,
        "ms_ssim": ms_ssim(first, second, scales) if scales else None, "scales": scales,
        "mean_color_difference": float(colors.mean()), "largest_color_difference": float(colors.max()),
    }


def warped(picture, degrees, down, right):
    """A picture turned counter-clockwise about its middle and then shifted, read bilinearly, black outside."""
    _, height, width = picture.shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2]).reshape(2, 1, 1)
    place = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij")) - middle
    row, column = place[0] - down, place[1] - right
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    source = np.stack([cosine * row + sine * column, -sine * row + cosine * column]) + middle
    return np.stack([map_coordinates(plane, source, order=1, mode="grid-constant") for plane in picture])


def cases():
    """The content of the fixture."""
    found = []
    for shape in PICTURES:
        first, second = pictures(*shape)
        case = {"channels": shape[0], "height": shape[1], "width": shape[2], "seed": shape[3], "amplitude": shape[4]}
        case |= {"measures": measures(first, second)}
        if min(shape[1:3]) >= 11:
            case["uniform_7"] = float(ssim(first, second))
            case["gaussian_1"] = float(ssim(first, second, gaussian_weights=True, sigma=1, use_sample_covariance=True))
        found.append(case)
    colors = [
        {"first": a, "second": b, "difference": float(deltaE_ciede2000(np.array(a, float), np.array(b, float)))}
        for a, b in COLORS]
    picture = pictures(1, 28, 28, 1, 0.2)[1]
    motions = [
        {"degrees": degrees, "down": down, "right": right, "values": [
            round(float(value), 7) for value in warped(picture, degrees, down, right).ravel()[::7]]}
        for degrees, down, right in MOTIONS]
    return {"pictures": found, "colors": colors, "motions": motions}


def make():
    (FOLDER / "perception.json").write_text(json.dumps(cases(), indent=1) + "\n")


MAKERS = {"perception": make}
