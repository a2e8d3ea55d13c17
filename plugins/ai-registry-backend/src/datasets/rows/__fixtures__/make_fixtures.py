"""Writes the Parquet files beside it, as PyArrow writes them: pip install pyarrow==26.0.1"""

import datetime
import decimal
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent

TYPES = pa.table(
    {
        "text": pa.array(["Zürich", None, ""]),
        "small": pa.array([1, 2, None], pa.int32()),
        "large": pa.array([9007199254740993, 2, None], pa.int64()),
        "share": pa.array([0.5, None, 1e300], pa.float64()),
        "yes": pa.array([True, False, None]),
        "at": pa.array(
            [datetime.datetime(2026, 11, 26, 4, 5, 6, 789000), None, None],
            pa.timestamp("us"),
        ),
        "day": pa.array([datetime.date(2026, 11, 26), None, None]),
        "price": pa.array(
            [decimal.Decimal("12.50"), None, None], pa.decimal128(10, 2)
        ),
        "raw": pa.array([b"\x00\xff", None, None], pa.binary()),
        "tags": pa.array([["a", "b"], [], None], pa.list_(pa.string())),
        "place": pa.array(
            [{"city": "Bern", "height": 540}, None, None],
            pa.struct([("city", pa.string()), ("height", pa.int64())]),
        ),
    }
)

pq.write_table(TYPES, HERE / "types.parquet")

NUMBERS = pa.table({"number": list(range(1000)), "word": ["w"] * 1000})
for compression in ["none", "gzip", "brotli", "zstd", "lz4"]:
    pq.write_table(
        NUMBERS,
        HERE / f"{compression}.parquet",
        compression=compression,
        row_group_size=300,
    )

pq.write_table(NUMBERS.slice(0, 0), HERE / "empty.parquet")
