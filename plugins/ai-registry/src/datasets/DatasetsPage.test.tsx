import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  Dataset,
  DatasetUse,
  DatasetVersion,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { DatasetRun } from '@greenroom/plugin-ai-training-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

const server = setupServer();
const AT = '2026-05-01T08:00:00.000Z';
const DIGEST = `sha256:${'e'.repeat(64)}` as const;

const makeDataset = (changes: Partial<Dataset> = {}): Dataset => ({
  name: 'capital-cities',
  title: 'Capital cities',
  description: 'Questions and their answers',
  owner: 'group:default/vision-team',
  tags: { language: 'en' },
  versionCount: 2,
  latestVersion: 2,
  createdAt: AT,
  createdBy: 'user:default/ada',
  updatedAt: AT,
  ...changes,
});

const makeVersion = (
  changes: Partial<DatasetVersion> = {},
): DatasetVersion => ({
  dataset: 'capital-cities',
  version: 2,
  description: 'More cities',
  kind: 'stored',
  digest: DIGEST,
  fileDigest: `sha256:${'f'.repeat(64)}`,
  format: 'jsonl',
  rows: 30,
  columns: [
    { name: 'input', type: 'string' },
    { name: 'weight', type: 'integer' },
  ],
  sizeBytes: 2_048,
  createdAt: AT,
  createdBy: 'user:default/ada',
  ...changes,
});

const pageOf = <T,>(items: T[]): Page<T> => ({
  items,
  totalItems: items.length,
});

function serveDatasets(datasets: Dataset[]) {
  const searches: (string | null)[] = [];
  server.use(
    http.get(`${REGISTRY_URL}/datasets`, ({ request }) => {
      const search = new URL(request.url).searchParams.get('search');
      searches.push(search);
      return HttpResponse.json(
        pageOf(
          datasets.filter(({ title }) =>
            title.toLowerCase().includes(search?.toLowerCase() ?? ''),
          ),
        ),
      );
    }),
  );
  return searches;
}

function serveDataset(
  options: {
    dataset?: Dataset;
    versions?: DatasetVersion[];
    uses?: DatasetUse[];
    /** Undefined where training is not installed. */
    runs?: DatasetRun[];
  } = {},
) {
  const {
    dataset = makeDataset(),
    versions = [
      makeVersion(),
      makeVersion({ version: 1, description: 'First', rows: 20 }),
    ],
    uses = [],
    runs,
  } = options;
  const base = `${REGISTRY_URL}/datasets/${dataset.name}`;
  const previewed: string[] = [];
  server.use(
    http.get(base, () => HttpResponse.json({ ...dataset })),
    http.get(`${base}/versions`, () => HttpResponse.json(pageOf(versions))),
    http.get(`${base}/versions/:version`, ({ params }) =>
      HttpResponse.json({
        ...versions.find(({ version }) => version === Number(params.version)),
      }),
    ),
    http.get(`${base}/versions/:version/preview`, ({ params }) => {
      previewed.push(String(params.version));
      return HttpResponse.json({
        items: [
          { input: 'What is the capital of Peru?', weight: 1 },
          { input: `${'x'.repeat(300)}…` },
        ],
        cut: true,
      });
    }),
    http.get(`${base}/versions/:version/uses`, () =>
      HttpResponse.json({ items: uses }),
    ),
    http.get(
      'http://localhost:7007/api/ai-training/dataset-uses',
      ({ request }) =>
        runs
          ? HttpResponse.json({
              items: runs,
              isCut: !new URL(request.url).searchParams.has('digests', DIGEST),
            })
          : refusal(404, 'Not installed'),
    ),
  );
  return previewed;
}

describe('DatasetsPage', () => {
  registerMswTestHooks(server);

  it('lists datasets, and finds them while one types', async () => {
    const searches = serveDatasets([
      makeDataset(),
      makeDataset({
        name: 'digits',
        title: 'Digits held out',
        latestVersion: undefined,
      }),
    ]);
    renderRegistry({ path: '/ai-registry/datasets' });
    expect(
      await screen.findByRole('link', { name: 'Capital cities' }),
    ).toHaveAttribute('href', '/ai-registry/datasets/capital-cities');
    expect(screen.getByText('2 datasets')).toBeInTheDocument();
    expect(screen.getByText('version 2')).toBeInTheDocument();
    expect(screen.getByText('no version')).toBeInTheDocument();

    await userEvent.type(screen.getByLabelText('Search datasets'), 'digits');
    expect(await screen.findByText('1 dataset found')).toBeInTheDocument();
    expect(searches.at(-1)).toBe('digits');
    await userEvent.type(screen.getByLabelText('Search datasets'), ' x');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show all datasets' }),
    );
    expect(await screen.findByText('2 datasets')).toBeInTheDocument();
  });

  it('says what to do when there is none, and makes the first one', async () => {
    serveDatasets([]);
    serveDataset({
      dataset: makeDataset({ name: 'cities', title: 'Cities' }),
      versions: [makeVersion({ dataset: 'cities', version: 1 })],
    });
    const made: unknown[] = [];
    const sent: string[] = [];
    server.use(
      http.post(`${REGISTRY_URL}/datasets`, async ({ request }) => {
        made.push(await request.json());
        return HttpResponse.json(makeDataset({ name: 'cities' }), {
          status: 201,
        });
      }),
      http.patch(`${REGISTRY_URL}/datasets/cities`, () =>
        HttpResponse.json(makeDataset({ name: 'cities' })),
      ),
      http.post(`${REGISTRY_URL}/datasets/cities/files`, ({ request }) => {
        sent.push(new URL(request.url).search);
        return sent.length === 1
          ? refusal(400, 'line 2 has 3 values, where the header has 2 columns')
          : HttpResponse.json(makeVersion({ dataset: 'cities' }), {
              status: 201,
            });
      }),
    );
    renderRegistry({ path: '/ai-registry/datasets' });
    expect(
      await screen.findByText('Make your first dataset here'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getAllByRole('button', { name: 'New dataset' })[0],
    );
    const dialog = await screen.findByRole('dialog', { name: 'New dataset' });
    const send = within(dialog).getByRole('button', { name: 'Make dataset' });
    await userEvent.click(send);
    expect(
      await within(dialog).findByText('Choose the file with the rows.'),
    ).toBeInTheDocument();
    expect(made).toEqual([]);

    await userEvent.type(within(dialog).getByLabelText(/^Name/), 'cities');
    await userEvent.type(
      within(dialog).getByRole('combobox', { name: /^Owner/ }),
      'group:default/vision-team',
    );
    await userEvent.upload(
      within(dialog).getByLabelText(/^File with the rows/),
      new File(['a,b\n1,2,3\n'], 'cities.csv'),
    );
    await userEvent.click(send);
    expect(
      await within(dialog).findByText(/line 2 has 3 values/),
    ).toBeInTheDocument();

    // The dataset is there by now: only the file is sent again.
    await userEvent.upload(
      within(dialog).getByLabelText(/^File with the rows/),
      new File(['a,b\n1,2\n'], 'cities.csv'),
    );
    expect(
      within(dialog).queryByText(/line 2 has 3 values/),
    ).not.toBeInTheDocument();
    await userEvent.click(send);
    expect(
      await screen.findByRole('heading', { name: 'Cities' }),
    ).toBeInTheDocument();
    expect(made).toEqual([
      { name: 'cities', owner: 'group:default/vision-team' },
    ]);
    expect(sent).toEqual(['?format=csv', '?format=csv']);
  });
});

describe('DatasetPage', () => {
  registerMswTestHooks(server);
  const path = '/ai-registry/datasets/capital-cities';

  it('lists the training runs that read a version', async () => {
    serveDataset({
      runs: [
        {
          run: 'r1',
          name: 'bold-crane',
          status: 'FINISHED',
          experiment: '7',
          experimentName: 'Reading digits',
          startedAt: 1_000,
          context: 'training',
          by: 'source',
        },
        {
          run: 'r2',
          name: 'odd-clock',
          status: 'FINISHED',
          experiment: '7',
          experimentName: 'Reading letters',
          // As clients may say it: no moment, which hides no other run.
          startedAt: 2 ** 53 - 1,
          by: 'tag',
        },
      ],
    });
    renderRegistry({ path: `/ai-registry/datasets/${makeDataset().name}` });
    const table = await screen.findByRole('table', {
      name: 'Training runs that read these rows',
    });
    expect(within(table).getByText('bold-crane')).toBeInTheDocument();
    expect(within(table).getByText('Reading digits')).toBeInTheDocument();
    expect(within(table).getByText('odd-clock')).toBeInTheDocument();
    expect(within(table).getByText('the address')).toBeInTheDocument();
    expect(screen.queryByText(/there are more/)).not.toBeInTheDocument();
  });

  it('says how a run names the rows, and nothing where training is not installed', async () => {
    serveDataset({ runs: [] });
    const { unmount } = renderRegistry({
      path: `/ai-registry/datasets/${makeDataset().name}`,
    });
    expect(
      await screen.findByText(/mlflow\.log_input.*greenroom\.dataset\.digest/),
    ).toBeInTheDocument();
    unmount();
    serveDataset();
    renderRegistry({ path: `/ai-registry/datasets/${makeDataset().name}` });
    expect(
      await screen.findByText('Evaluations on these rows'),
    ).toBeInTheDocument();
    await waitFor(() =>
      expect(
        screen.queryByText('Training runs that read these rows'),
      ).not.toBeInTheDocument(),
    );
  });

  it('shows the newest version: columns, first rows, and who was evaluated on them', async () => {
    serveDataset({
      uses: [
        {
          model: 'assistant',
          version: 3,
          metric: { name: 'exact', value: 0.9 },
          addedAt: AT,
          addedBy: 'user:default/ada',
        },
      ],
    });
    renderRegistry({ path });
    const columns = await screen.findByRole('table', { name: 'Columns' });
    expect(within(columns).getByText('whole number')).toBeInTheDocument();
    const rows = await screen.findByRole('table', { name: 'First rows' });
    expect(
      within(rows).getByText('What is the capital of Peru?'),
    ).toBeInTheDocument();
    expect(within(rows).getByText('no value')).toBeInTheDocument();
    expect(
      screen.getByText('2 of 30 rows, long texts cut'),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('link', { name: 'assistant, version 3' }),
    ).toHaveAttribute('href', '/ai-registry/models/assistant/versions/3');
    expect(screen.getByRole('link', { name: 'Version 1' })).toHaveAttribute(
      'href',
      `${path}/versions/1`,
    );
  });

  it('shows another version by its address', async () => {
    const previewed = serveDataset();
    renderRegistry({ path: `${path}/versions/1` });
    expect(
      await screen.findByRole('heading', { name: 'Version 1' }),
    ).toBeInTheDocument();
    await waitFor(() => expect(previewed).toEqual(['1']));
  });

  it('says what to do before the first version', async () => {
    serveDataset({
      dataset: makeDataset({ latestVersion: undefined }),
      versions: [],
    });
    renderRegistry({ path });
    expect(await screen.findByText('No version yet')).toBeInTheDocument();
  });

  it('shows where an external version lies, and no rows', async () => {
    const previewed = serveDataset({
      versions: [
        makeVersion({
          kind: 'external',
          uri: 's3://bucket/rows.parquet',
          format: undefined,
          columns: undefined,
          fileDigest: undefined,
        }),
      ],
    });
    renderRegistry({ path });
    expect(
      await screen.findByText('s3://bucket/rows.parquet'),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Download' }),
    ).not.toBeInTheDocument();
    expect(previewed).toEqual([]);
  });

  it('shows no rows to those who may not read them, and lets only owners add versions', async () => {
    const previewed = serveDataset();
    renderRegistry({
      path,
      refused: ['ai-registry.dataset.download', 'ai-registry.dataset.update'],
    });
    expect(await screen.findByText('Not for you to read')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Download' })).toBeDisabled();
    const upload = screen.getByRole('button', { name: 'Upload version' });
    await waitFor(() =>
      expect(upload).toHaveAttribute('aria-disabled', 'true'),
    );
    await userEvent.click(upload);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(previewed).toEqual([]);
  });

  it('makes a version of what lies somewhere else', async () => {
    serveDataset();
    const made: unknown[] = [];
    server.use(
      http.post(
        `${REGISTRY_URL}/datasets/capital-cities/versions`,
        async ({ request }) => {
          made.push(await request.json());
          return HttpResponse.json(makeVersion({ version: 3 }), {
            status: 201,
          });
        },
      ),
    );
    renderRegistry({ path });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Upload version' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Upload version 3 of Capital cities',
    });
    await userEvent.click(
      within(dialog).getByRole('radio', { name: 'Somewhere else' }),
    );
    await userEvent.type(
      within(dialog).getByLabelText(/^Address/),
      's3://bucket/rows',
    );
    await userEvent.type(within(dialog).getByLabelText(/^Digest/), DIGEST);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Upload' }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(made).toEqual([{ uri: 's3://bucket/rows', digest: DIGEST }]);
  });
});

describe('the evaluation of a version', () => {
  registerMswTestHooks(server);

  it('leads to the dataset whose digest it names', async () => {
    server.use(
      http.get(`${REGISTRY_URL}/dataset-versions`, ({ request }) => {
        const { searchParams } = new URL(request.url);
        return HttpResponse.json({
          items:
            searchParams.get('digest') === `sha256:${'d'.repeat(64)}`
              ? [makeVersion({ dataset: 'digits-held-out', version: 1 })]
              : [],
        });
      }),
      ...serveModel(),
    );
    renderRegistry({ path: '/ai-registry/models/digits/versions/1' });
    expect(
      await screen.findByRole('link', { name: 'digits-held-out, version 1' }),
    ).toHaveAttribute(
      'href',
      '/ai-registry/datasets/digits-held-out/versions/1',
    );
  });
});
