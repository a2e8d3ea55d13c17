import { mergeMetrics } from './mergeMetrics';

const page = (
  count: number,
) => `# HELP asked_total Requests, with a "quote" and a { brace.
# TYPE asked_total counter
asked_total{model="a}b",version="1"} ${count}
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.5"} 1
took_seconds_bucket{le="+Inf"} 2
took_seconds_sum 0.75
took_seconds_count 2
# HELP open_count A gauge that ends as a sample of a histogram does.
# TYPE open_count gauge
open_count 3
`;

it('declares each family once, has its samples together, and says whose each is', () => {
  const other = `${page(
    7,
  )}# HELP own Only here.\n# TYPE own gauge\nown{} NaN\n`;
  expect(
    mergeMetrics(
      new Map([
        ['1', page(5)],
        ['2', other],
      ]),
    ),
  ).toBe(`# HELP asked_total Requests, with a "quote" and a { brace.
# TYPE asked_total counter
asked_total{process="1",model="a}b",version="1"} 5
asked_total{process="2",model="a}b",version="1"} 7
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{process="1",le="0.5"} 1
took_seconds_bucket{process="1",le="+Inf"} 2
took_seconds_sum{process="1"} 0.75
took_seconds_count{process="1"} 2
took_seconds_bucket{process="2",le="0.5"} 1
took_seconds_bucket{process="2",le="+Inf"} 2
took_seconds_sum{process="2"} 0.75
took_seconds_count{process="2"} 2
# HELP open_count A gauge that ends as a sample of a histogram does.
# TYPE open_count gauge
open_count{process="1"} 3
open_count{process="2"} 3
# HELP own Only here.
# TYPE own gauge
own{process="2"} NaN
`);
});

it('is nothing without pages', () => {
  expect(mergeMetrics(new Map())).toBe('');
});
