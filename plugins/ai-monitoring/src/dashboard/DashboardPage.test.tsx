import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import type { Hole, ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import {
  makeDrift,
  makeHealth,
  makePage,
  makeSeries,
  makeTimeline,
} from '../__testUtils__/fixtures';
import {
  MONITORING_URL,
  REGISTRY_URL,
  renderMonitoring,
} from '../__testUtils__/renderMonitoring';

const server = setupServer();
const MODEL_URL = `${MONITORING_URL}/environments/production/models/digits`;
const PAGE = '/ai-monitoring/models/digits?environment=production';

const NOTHING_LOST = {
  model: 'digits',
  duplicate: 0,
  unmatched: 0,
  late: 0,
  shed: 0,
};

function serve(
  answers: {
    health?: ModelHealth | null;
    series?: unknown[];
    drift?: unknown;
    holes?: Hole[];
    exists?: boolean;
    outcomes?: unknown;
  } = {},
) {
  const {
    health = makeHealth(),
    series = [makeSeries(1), makeSeries(2)],
    drift = makeDrift(),
    holes = [],
    exists = true,
    outcomes = { items: [], lost: NOTHING_LOST, quality: [], expected: [] },
  } = answers;
  const ranges: number[] = [];
  server.use(
    http.get(`${MONITORING_URL}/health`, () =>
      HttpResponse.json(makePage(health ? [health] : [])),
    ),
    http.get(`${MONITORING_URL}/ingest`, () =>
      HttpResponse.json({ producers: [], maxClockOffsetMillis: 300_000 }),
    ),
    http.get(`${MONITORING_URL}/environments/production/holes`, () =>
      HttpResponse.json({ items: holes }),
    ),
    http.get(`${REGISTRY_URL}/models/digits`, () =>
      exists
        ? HttpResponse.json({ name: 'digits' })
        : HttpResponse.json(
            { error: { name: 'NotFoundError' } },
            { status: 404 },
          ),
    ),
    http.get(`${MODEL_URL}/traffic`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      const [from, to] = ['from', 'to'].map(name =>
        Date.parse(searchParams.get(name) ?? ''),
      );
      ranges.push((to - from) / 60_000);
      return HttpResponse.json({ items: series });
    }),
    http.get(`${MODEL_URL}/outcomes`, () => HttpResponse.json(outcomes as {})),
    http.get(`${MODEL_URL}/markers`, () =>
      HttpResponse.json({
        items: [
          {
            at: '2026-05-03T10:00:00Z',
            kind: 'promotion',
            title: 'Version 2 promoted',
          },
        ],
      }),
    ),
    http.get(`${MODEL_URL}/versions/:version/drift`, () =>
      HttpResponse.json(drift as {}),
    ),
    http.get(`${MODEL_URL}/versions/:version/drift-timeline`, () =>
      HttpResponse.json(makeTimeline()),
    ),
    http.get(`${REGISTRY_URL}/models/digits/versions/:version`, () =>
      HttpResponse.json({
        schema: {
          task: 'classification',
          features: [0, 1, 2, 3].map(index => ({
            name: `pixel_${index}`,
            tensor: 'pixels',
            index,
            description: `Pixel ${index}`,
          })),
          image: { tensor: 'pixels', width: 2, height: 2, maxValue: 16 },
          prediction: { tensor: 'label' },
        },
      }),
    ),
  );
  return ranges;
}

describe('DashboardPage', () => {
  registerMswTestHooks(server);

  it('gives the verdict, the traffic with events, and the drift where it is', async () => {
    serve({
      health: makeHealth({
        status: 'warning',
        reasons: ['1 of 4 features drifts.'],
      }),
    });
    renderMonitoring({ path: PAGE });

    const verdict = await screen.findByRole('region', { name: 'Verdict' });
    expect(within(verdict).getByText('1 of 4 features drifts.')).toBeVisible();
    expect(
      within(verdict)
        .getAllByRole('term')
        .map(term => term.textContent),
    ).toEqual([
      'Most traffic',
      'Requests to all versions, last min',
      'Errors, last 5 min',
      'Latency p99, last 5 min',
      'Drifting features, last 5 min',
      'Last record',
    ]);

    await userEvent.click(
      await screen.findByRole('button', { name: 'Show Requests as a table' }),
    );
    const table = screen.getByRole('table', { name: 'Requests' });
    expect(
      within(table)
        .getAllByRole('columnheader')
        .map(header => header.textContent),
    ).toEqual(['Time', 'v1', 'v2', 'Events']);
    expect(within(table).getAllByRole('row')[1]).toHaveTextContent(
      /1\/s2\/sVersion 2 promoted$/,
    );

    expect(
      await screen.findByRole('img', {
        name: 'Drift of the 2 by 2 pixels; 1 changed much',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('img', {
        name: 'Answers: largest difference at zero, Baseline 50 %, Now 25 %.',
      }),
    ).toBeInTheDocument();
    const features = screen.getByRole('region', { name: 'Input features' });
    expect(
      within(features).getAllByRole('heading', { level: 4 })[0],
    ).toHaveTextContent('Pixel 1');
    expect(features).toHaveTextContent('PSI effect 0.345 · adjusted p < 0.001');
    expect(features).toHaveTextContent(
      '40 of the 100 rows that a verdict needs.',
    );
    const heatMap = screen.getByRole('region', {
      name: 'Drift of each feature by time',
    });
    expect(heatMap).toHaveTextContent(
      /pixel_1\s*not enough data\s*effect 0\.345\s*pixel_0/,
    );
  });

  it('names requests that were refused for a limit, though they reached no version', async () => {
    const refused = makeSeries(0);
    const [point] = refused.points;
    serve({
      series: [
        {
          ...refused,
          points: [{ ...point, requestsPerSecond: 3, limitedRate: 1 }],
        },
        makeSeries(1),
      ],
    });
    renderMonitoring({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show Requests as a table' }),
    );
    const table = screen.getByRole('table', { name: 'Requests' });
    expect(
      within(table)
        .getAllByRole('columnheader')
        .map(header => header.textContent),
    ).toEqual(['Time', "over a key's limit", 'v1', 'Events']);
  });

  it('shows errors and latency of the chosen version, over the chosen range', async () => {
    const ranges = serve();
    renderMonitoring({ path: `${PAGE}&version=2&range=6h` });
    expect(await screen.findByText('Latency of version 2')).toBeInTheDocument();
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Show Time to answer as a table',
      }),
    );
    expect(
      within(screen.getByRole('table', { name: 'Time to answer' })).getByRole(
        'cell',
        { name: '20 ms' },
      ),
    ).toBeInTheDocument();
    expect(ranges).toEqual([360]);
    await userEvent.click(screen.getByRole('radio', { name: '15 min' }));
    await userEvent.click(screen.getByRole('button', { name: /Version$/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Version 1' }),
    );
    expect(await screen.findByText('Latency of version 1')).toBeInTheDocument();
    expect(ranges).toEqual([360, 15]);
  });

  it('shows how good a version turned out, beside what was expected of it', async () => {
    serve({
      outcomes: {
        items: [
          {
            day: '2026-05-03T00:00:00Z',
            model: 'digits',
            version: 2,
            name: 'label',
            matched: 40,
            accuracy: 0.9,
          },
        ],
        lost: { ...NOTHING_LOST, unmatched: 3 },
        quality: [
          {
            version: 2,
            accuracy: 0.9,
            labels: 40,
            heldOut: {
              metric: 'accuracy',
              value: 0.95,
              dataset: 'held-out',
              rows: 360,
            },
            estimate: { isKnown: true, accuracy: 0.93, predictions: 1_200 },
          },
          {
            version: 1,
            labels: 0,
            estimate: { isKnown: false, reason: 'No probabilities are told.' },
          },
        ],
        expected: [
          {
            day: '2026-05-03',
            version: 2,
            accuracy: 0.93,
            predictions: 1_200,
          },
        ],
      },
    });
    renderMonitoring({ path: PAGE });
    const table = await screen.findByRole('table', {
      name: 'Quality of each version, as it turned out and as it was expected',
    });
    expect(table).toHaveTextContent('90 % of 40 labels');
    expect(table).toHaveTextContent('accuracy 0.95 on 360 rows of held-out');
    expect(table).toHaveTextContent('93 % expected of 1,200 requests');
    expect(table).toHaveTextContent('No probabilities are told.');
    const chart = screen.getByRole('figure', { name: /label/ });
    expect(within(chart).getByText('v2')).toBeInTheDocument();
    expect(within(chart).getByText('v2 expected')).toBeInTheDocument();
    expect(screen.queryByText('Expected accuracy')).not.toBeInTheDocument();
    expect(
      screen.getByText('Not counted: 3 named no request that is known.'),
    ).toBeInTheDocument();
  });

  it('shows what is expected of a version before anybody has told an outcome', async () => {
    serve({
      outcomes: {
        items: [],
        lost: NOTHING_LOST,
        quality: [
          {
            version: 2,
            labels: 0,
            estimate: { isKnown: true, accuracy: 0.93, predictions: 12 },
          },
        ],
        expected: [
          { day: '2026-05-03', version: 2, accuracy: 0.93, predictions: 12 },
        ],
      },
    });
    renderMonitoring({ path: PAGE });
    expect(await screen.findByText('v2 expected')).toBeInTheDocument();
    const table = screen.getByRole('table', {
      name: 'Quality of each version, as it turned out and as it was expected',
    });
    expect(table).toHaveTextContent('no labels were told');
    expect(table).toHaveTextContent('93 % expected of 12 requests');
  });

  it('says why there is no drift report', async () => {
    serve({
      drift: makeDrift({ report: undefined, reason: 'no-baseline', rows: 0 }),
    });
    renderMonitoring({ path: PAGE });
    expect(
      await screen.findByText('This version has no baseline'),
    ).toBeInTheDocument();
  });

  it('asks for traffic when the version got none', async () => {
    serve({
      drift: makeDrift({ report: undefined, reason: 'no-data', rows: 0 }),
    });
    renderMonitoring({ path: PAGE });
    expect(
      await screen.findByText('No input was sampled in this range'),
    ).toBeInTheDocument();
  });

  it('explains itself for a model that was never asked anything', async () => {
    serve({ health: null, series: [] });
    renderMonitoring({ path: PAGE });
    expect(
      await screen.findByText('digits is not watched in production'),
    ).toBeInTheDocument();
    expect(screen.queryByText('Traffic')).not.toBeInTheDocument();
  });

  it('says that there is no such model, and where to look', async () => {
    serve({ health: null, series: [], exists: false });
    renderMonitoring({ path: PAGE });
    expect(
      await screen.findByText('There is no model called digits'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'All models that are watched' }),
    ).toHaveAttribute('href', '/ai-monitoring');
    expect(screen.queryByText('Traffic')).not.toBeInTheDocument();
  });

  it('names the time of the verdict beside that of the panels, and what it does not see', async () => {
    serve({
      health: makeHealth({
        status: 'partly-watched',
        unwatched: [
          "Drift of version 1 is watched in part: no feature names input 'text'.",
        ],
      }),
      drift: makeDrift({ unwatched: ["no feature names input 'text'"] }),
    });
    renderMonitoring({ path: `${PAGE}&range=6h` });
    const verdict = await screen.findByRole('region', { name: 'Verdict' });
    expect(verdict).toHaveTextContent('Partly watched');
    expect(verdict).toHaveTextContent(/watched in part: no feature names/);
    expect(verdict).toHaveTextContent(
      /about the last 5 minutes .* the panels below show the last 6 h/,
    );
    expect(
      await screen.findByText("no feature names input 'text'"),
    ).toBeInTheDocument();
  });

  it('shows what was lost as holes, how much and of which time', async () => {
    serve({
      holes: [
        {
          from: '2026-05-03T10:00:00Z',
          to: '2026-05-03T10:20:00Z',
          producer: 'plane-1',
          records: 1200,
          samples: 30,
          reason: 'The data plane could not keep or deliver them',
        },
      ],
    });
    renderMonitoring({ path: PAGE });
    const note = await screen.findByRole('region', {
      name: 'Records are missing',
    });
    expect(note).toHaveTextContent(
      /1,200 records and 30 copied rows of this environment are missing/,
    );
    expect(note).toHaveTextContent(/data plane plane-1/);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show Requests as a table' }),
    );
    expect(screen.getByRole('table', { name: 'Requests' })).toHaveTextContent(
      '1,200 records and 30 copied rows missing from here',
    );
  });

  it('shows how many values are missing', async () => {
    const drift = makeDrift();
    const feature = drift.report?.features[1];
    if (feature) {
      feature.missing = {
        status: 'alert',
        baselineShare: 0,
        currentShare: 0.5,
        pValue: 0,
        adjustedPValue: 0,
      };
    }
    serve({ drift });
    renderMonitoring({ path: PAGE });
    const features = await screen.findByRole('region', {
      name: 'Input features',
    });
    expect(features).toHaveTextContent('missing 50 % (baseline 0 %)');
  });
});
