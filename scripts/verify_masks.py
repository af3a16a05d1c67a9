"""Holds the file formats of label maps against shapely and pycocotools, on random maps and on pictures.

    python scripts/verify_masks.py [COUNT] [MODEL PICTURE]...

Needs shapely, pycocotools and numpy; node from the path or from $NODE. Says what it looked at; the first fault ends it.
"""

import base64
import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import numpy
import shapely
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

root = pathlib.Path(__file__).resolve().parent.parent
counts = {"maps": 0, "polygons": 0, "annotations": 0}
worst = {"union": 0.0, "overlap": 0.0}


def check(is_right, *what):
    if not is_right:
        sys.exit(" ".join(str(part) for part in ("FAULT:", *what)))


def check_cover(case, polygons):
    """Valid polygons that together are the picture and do not overlap."""
    total = case["width"] * case["height"]
    check(all(polygon.is_valid for polygon in polygons), case["name"], "a polygon is not valid")
    check(all(polygon.area > 0 for polygon in polygons), case["name"], "a polygon is empty")
    union = shapely.union_all(polygons).area
    overlap = sum(polygon.area for polygon in polygons) - total
    worst["union"] = max(worst["union"], abs(union - total))
    worst["overlap"] = max(worst["overlap"], abs(overlap))
    check(abs(union - total) < 1e-6, case["name"], "the union is", union, "of", total)
    check(abs(overlap) < 1e-6, case["name"], "overlap", overlap)
    pairs = shapely.STRtree(polygons).query(polygons, predicate="overlaps")
    check(pairs.size == 0, case["name"], "overlapping polygons", pairs)
    counts["polygons"] += len(polygons)


def check_outlines(case, labels):
    for outline in case["outlines"]:
        polygons = []
        for feature in outline["geojson"]["features"]:
            own = [shapely.Polygon(rings[0], rings[1:]) for rings in feature["geometry"]["coordinates"]]
            check(shapely.MultiPolygon(own).is_valid, case["name"], "a MultiPolygon is not valid")
            if outline["tolerance"] == 0 and outline["smooth"] == 0:
                pixels = numpy.count_nonzero(labels == feature["properties"]["id"])
                check(sum(polygon.area for polygon in own) == pixels, case["name"], "area of a class")
            polygons += own
        check_cover(case, polygons)
        # LabelMe has no background: its polygons and GeoJSON's of class 0 are the picture.
        shapes = [shapely.Polygon(shape["points"]) for shape in outline["labelme"]["shapes"]]
        background = [
            shapely.Polygon(rings[0], rings[1:])
            for feature in outline["geojson"]["features"]
            if feature["properties"]["id"] == 0
            for rings in feature["geometry"]["coordinates"]
        ]
        check(all(shape.is_valid for shape in shapes), case["name"], "a LabelMe polygon is not valid")
        if outline["tolerance"] == 0 and outline["smooth"] == 0:
            check_cover(case, shapes + background)
        else:  # cuts are junctions more: borders differ from GeoJSON's, within LabelMe's they fit
            union = shapely.union_all(shapes).area
            check(abs(union - sum(shape.area for shape in shapes)) < 1e-6, case["name"], "LabelMe overlap")


def check_coco(case, labels):
    for kind, file in case["coco"].items():
        with contextlib.redirect_stdout(io.StringIO()):
            truth = COCO()
            truth.dataset = file
            truth.createIndex()
        covered = numpy.zeros((2, *labels.shape), int)
        names = {category["id"]: category["name"] for category in file["categories"]}
        check("background" not in names.values() and min(names, default=1) >= 1, case["name"], "categories")
        for i, annotation in enumerate(file["annotations"]):
            mask = truth.annToMask(annotation)
            check(annotation["id"] == i + 1 and annotation["iscrowd"] == 0, case["name"], "ids", kind)
            check(annotation["area"] == mask.sum(), case["name"], "area", annotation["area"], mask.sum(), kind)
            ys, xs = numpy.nonzero(mask)
            box = [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1]
            check(annotation["bbox"] == box, case["name"], "bbox", annotation["bbox"], box, kind)
            if isinstance(annotation["segmentation"], dict):
                again = rle.encode(numpy.asfortranarray(mask))
                check(again["counts"].decode() == annotation["segmentation"]["counts"], case["name"], "RLE")
            covered[annotation["image_id"] - 1] += mask.astype(int) * annotation["category_id"]
        check((covered == labels).all(), case["name"], "the masks are not the label map", kind)
        counts["annotations"] += len(file["annotations"])
        if file["annotations"]:
            check_precision(case, truth, file, kind)


def check_precision(case, truth, file, kind):
    found = [
        {key: annotation[key] for key in ("image_id", "category_id", "segmentation", "bbox", "area")} | {"score": 1.0}
        for annotation in file["annotations"]
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(found), "segm")
        evaluation.params.maxDets = [len(found)]  # 100 by default: more areas of a class in a picture would be misses
        evaluation.params.areaRng = evaluation.params.areaRng[:1]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    check(precision[precision > -1].mean() == 1, case["name"], "AP", precision[precision > -1].mean(), kind)


def check_cvat(case, labels):
    for kind, text in case["cvat"].items():
        (image,) = xml.etree.ElementTree.fromstring(text).findall("image")
        check(image.get("width") == str(case["width"]), case["name"], "CVAT width")
        found = numpy.zeros_like(labels)
        area = 0
        for shape in image:
            label = int(shape.get("label").split()[-1])
            if kind == "masks":
                left, top, width, height = (int(shape.get(key)) for key in ("left", "top", "width", "height"))
                runs = [int(run) for run in shape.get("rle").split(", ")]
                inside = numpy.repeat(numpy.arange(len(runs)) % 2, runs).reshape(height, width)
                found[top : top + height, left : left + width] += (inside * label).astype(labels.dtype)
            else:
                points = [[float(number) for number in point.split(",")] for point in shape.get("points").split(";")]
                check(shapely.Polygon(points).is_valid, case["name"], "a CVAT polygon is not valid")
                area += shapely.Polygon(points).area
        if kind == "masks":
            check((found == labels).all(), case["name"], "CVAT masks are not the label map")
        else:
            check(area == numpy.count_nonzero(labels), case["name"], "area of CVAT polygons")


def main():
    arguments = sys.argv[1:] or ["1000"]
    driver = [os.environ.get("NODE", "node"), "--conditions=@atrous/source", str(root / "scripts/mask_cases.ts")]
    with subprocess.Popen([*driver, *arguments], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            case = json.loads(line)
            labels = numpy.frombuffer(base64.b64decode(case["data"]), numpy.uint8)
            labels = labels.reshape(case["height"], case["width"])
            check_outlines(case, labels)
            check_coco(case, labels)
            check_cvat(case, labels)
            counts["maps"] += 1
    check(process.returncode == 0, "the driver ended with", process.returncode)
    print(f"{counts['maps']} label maps at tolerances 0, 1, 2, 5, as they are and smoothed:", end=" ")
    print(f"{counts['polygons']} polygons valid; largest difference of a union from its picture", end=" ")
    print(f"{worst['union']:.1e} px, of the sum of areas {worst['overlap']:.1e} px;", end=" ")
    print(f"{counts['annotations']} COCO annotations decoded to their masks, AP 1.0 throughout")


main()
