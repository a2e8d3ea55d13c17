import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, delay, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeModel, makeVersion } from '../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import {
  movingDigits,
  serveInference,
  serveModel,
} from '../__testUtils__/serveModel';

const server = setupServer();
const MODEL = '/ai-registry/models/digits';

const described = makeVersion(
  {
    version: 2,
    schema: {
      task: 'classification',
      features: [
        { name: 'p0', tensor: 'image', index: 0 },
        { name: 'p1', tensor: 'image', index: 1 },
      ],
      image: { tensor: 'image', width: 2, height: 1, maxValue: 16 },
      prediction: { tensor: 'label', labels: ['zero', 'one'] },
    },
    baseline: {
      formatVersion: 1,
      rows: 40,
      features: ['p0', 'p1'].map(name => ({
        name,
        histogram: {
          kind: 'numeric',
          edges: [0, 8, 16],
          counts: [30, 10],
          underflow: 0,
          overflow: 0,
          nulls: 0,
          nans: 0,
        },
        moments: { count: 40, mean: 4, m2: 10, min: 0, max: 16 },
      })),
      prediction: {
        name: 'prediction',
        histogram: {
          kind: 'categorical',
          categories: ['0', '1'],
          counts: [10, 30],
          unseen: 0,
          nulls: 0,
        },
      },
    },
    source: {
      repository: 'https://git.example.com/team/models',
      commit: '0123456789abcdef',
    },
  },
  { accuracy: 0.97, log_loss: 0.1 },
);

describe('VersionPage', () => {
  registerMswTestHooks(server);

  it('shows the newest evaluation by each other metric that decides', async () => {
    const { evaluation } = described;
    server.use(
      ...serveModel({
        versions: [
          {
            ...described,
            otherEvaluations: [
              {
                dataset: evaluation!.dataset,
                metrics: { short: 0.56 },
                primary: { name: 'short', higherIsBetter: true },
                interval: [0.46, 0.65],
              },
            ],
          },
        ],
      }),
    );
    renderRegistry({ path: `${MODEL}/versions/2` });
    expect(
      await screen.findByText('0.5600 (95 % interval 0.4600 to 0.6500)'),
    ).toBeInTheDocument();
    expect(screen.getByText('short')).toBeInTheDocument();
  });

  it('shows signature, evaluation, source and baseline', async () => {
    server.use(...serveModel({ versions: [described] }));
    renderRegistry({ path: `${MODEL}/versions/2` });
    const signature = await screen.findByRole('table', {
      name: 'Inputs and outputs',
    });
    expect(
      within(signature).getByRole('row', { name: 'in image FP32 [* × 64]' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: '0123456789ab' })).toHaveAttribute(
      'href',
      'https://git.example.com/team/models/commit/0123456789abcdef',
    );
    expect(
      screen.getByRole('img', {
        name: 'Prediction: densest at one, 75 % of the rows',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('img', {
        name: 'Mean of 40 reference images of 2 by 1 pixels',
      }),
    ).toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Show all 2 features' }),
    );
    expect(
      screen.getByRole('img', {
        name: 'p1: densest at 0 to 8, 75 % of the rows; from 0 to 16',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Compare with version 1' }),
    ).toHaveAttribute('href', `${MODEL}/compare?base=1&candidate=2`);
  });

  it('compares with what serves in production, not only with what is wanted there', async () => {
    server.use(
      ...serveInference({ deployments: [movingDigits] }),
      ...serveModel({
        model: makeModel({
          versionCount: 3,
          latestVersion: 3,
          aliases: [{ alias: 'production', version: 2 }],
        }),
        versions: [makeVersion({ version: 3 })],
      }),
    );
    renderRegistry({ path: `${MODEL}/versions/3` });
    expect(
      await screen.findByRole('link', {
        name: 'Compare with version 1 (serving)',
      }),
    ).toHaveAttribute('href', `${MODEL}/compare?base=1&candidate=3`);
    expect(
      screen.getByRole('link', { name: 'Compare with version 2 (wanted)' }),
    ).toHaveAttribute('href', `${MODEL}/compare?base=2&candidate=3`);
  });

  it('says what is missing from a bare version, and how to give it', async () => {
    server.use(
      ...serveModel({
        versions: [makeVersion({ version: 1, evaluation: undefined })],
      }),
    );
    renderRegistry({ path: `${MODEL}/versions/1` });
    expect(await screen.findByText('Not evaluated')).toBeInTheDocument();
    expect(screen.getByText('No schema')).toBeInTheDocument();
    expect(screen.getByText('No baseline')).toBeInTheDocument();
  });
});

describe('FilesPanel', () => {
  registerMswTestHooks(server);

  it('shows the files of a bundle and downloads one, or says why not', async () => {
    const weights = `sha256:${'7'.repeat(64)}`;
    const asked: string[] = [];
    server.use(
      http.get(`${REGISTRY_URL}/models/digits/versions/2/files`, () =>
        HttpResponse.json({
          items: [
            { path: 'model.onnx', digest: weights, sizeBytes: 1_000 },
            { path: 'deep/weights.bin', digest: weights, sizeBytes: 5 },
          ],
        }),
      ),
      http.get(`${REGISTRY_URL}/artifacts/:digest`, ({ params }) => {
        asked.push(String(params.digest));
        return asked.length > 1
          ? refusal(403, 'You may not read it')
          : HttpResponse.arrayBuffer(new Uint8Array(5).buffer);
      }),
      ...serveModel(),
    );
    const saved: string[] = [];
    URL.createObjectURL = () => 'blob:weights';
    const click = jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(function save(this: HTMLAnchorElement) {
        saved.push(`${this.download} from ${this.href}`);
      });
    renderRegistry({ path: `${MODEL}/versions/2` });
    const table = await screen.findByRole('table', {
      name: 'Files of this version',
    });
    expect(within(table).getAllByRole('row')).toHaveLength(3);
    const download = within(table).getByRole('button', {
      name: 'Download deep/weights.bin',
    });
    await userEvent.click(download);
    await waitFor(() =>
      expect(saved).toEqual(['weights.bin from blob:weights']),
    );
    expect(asked).toEqual([weights]);
    await userEvent.click(download);
    expect(await screen.findByText('You may not read it')).toBeInTheDocument();
    expect(saved).toHaveLength(1);
    click.mockRestore();
  });
});

describe('UploadVersionDialog', () => {
  registerMswTestHooks(server);

  async function openDialog() {
    renderRegistry({ path: MODEL });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Upload version' }),
    );
    return screen.findByRole('dialog', {
      name: 'Upload version 3 of Handwritten digits',
    });
  }

  it('uploads the file as this person, registers it and leads to the version', async () => {
    const sent = jest.fn();
    const third = makeVersion({ version: 3 });
    server.use(
      ...serveModel({ versions: [third] }),
      http.post(`${REGISTRY_URL}/artifacts`, ({ request }) => {
        sent(
          request.headers.get('Authorization'),
          request.headers.get('Content-Type'),
        );
        return HttpResponse.json(
          { digest: third.digest, sizeBytes: 5 },
          { status: 201 },
        );
      }),
      http.post(
        `${REGISTRY_URL}/models/digits/versions`,
        async ({ request }) => {
          sent(await request.json());
          return HttpResponse.json({ ...third }, { status: 201 });
        },
      ),
    );
    const dialog = await openDialog();
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Upload' }),
    );
    expect(
      await within(dialog).findByText(
        'Choose the ONNX file of this version, or the folder that MLflow wrote.',
      ),
    ).toBeInTheDocument();

    await userEvent.upload(
      within(dialog).getByLabelText(/^ONNX file/),
      new File(['bytes'], 'digits.onnx'),
    );
    await userEvent.upload(
      within(dialog).getByLabelText(/^Description file/),
      new File(
        [JSON.stringify({ tags: { a: 'b' }, source: { run: 'r-7' } })],
        'digits.json',
        { type: 'application/json' },
      ),
    );
    await userEvent.type(
      within(dialog).getByLabelText('What changed'),
      'More rows',
    );
    await userEvent.type(within(dialog).getByLabelText('Git commit'), 'abc123');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Upload' }),
    );
    expect(
      await screen.findByRole('heading', {
        name: 'Handwritten digits, version 3',
      }),
    ).toBeInTheDocument();
    expect(sent).toHaveBeenNthCalledWith(
      1,
      'Bearer ada-token',
      'application/octet-stream',
    );
    expect(sent).toHaveBeenNthCalledWith(2, {
      digest: third.digest,
      description: 'More rows',
      tags: { a: 'b' },
      source: { run: 'r-7', commit: 'abc123' },
    });
  });

  it('uploads several files as one bundle', async () => {
    const sent: unknown[] = [];
    const third = makeVersion({ version: 3 });
    let uploads = 0;
    server.use(
      ...serveModel({ versions: [third] }),
      http.post(`${REGISTRY_URL}/artifacts`, () => {
        uploads += 1;
        const digest = `sha256:${String(uploads).repeat(64)}`;
        return HttpResponse.json({ digest, sizeBytes: 5 }, { status: 201 });
      }),
      http.post(
        `${REGISTRY_URL}/models/digits/versions`,
        async ({ request }) => {
          sent.push(await request.json());
          return HttpResponse.json({ ...third }, { status: 201 });
        },
      ),
    );
    const dialog = await openDialog();
    const choose = (...names: string[]) =>
      userEvent.upload(
        within(dialog).getByLabelText(/^ONNX file/),
        names.map(name => new File(['bytes'], name)),
      );
    const send = within(dialog).getByRole('button', { name: 'Upload' });
    await choose('weights.bin', 'labels.txt');
    await userEvent.click(send);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'The bundle has no ONNX file: name the model model.onnx.',
    );
    await choose('weights.bin', 'digits.onnx', 'labels.txt');
    expect(within(dialog).getByText('3 files, 15 B')).toBeInTheDocument();
    await userEvent.click(send);
    await screen.findByRole('heading', {
      name: 'Handwritten digits, version 3',
    });
    expect(sent).toEqual([
      {
        bundle: {
          format: 'onnx',
          files: ['digits.onnx', 'labels.txt', 'weights.bin'].map(
            (path, index) => ({
              path,
              digest: `sha256:${String(index + 1).repeat(64)}`,
              sizeBytes: 5,
            }),
          ),
        },
      },
    ]);
  });

  it('shows what is wrong with either file', async () => {
    server.use(
      ...serveModel(),
      http.post(`${REGISTRY_URL}/artifacts`, () =>
        refusal(413, 'The artifact is larger than 5 GB'),
      ),
    );
    const dialog = await openDialog();
    await userEvent.upload(
      within(dialog).getByLabelText(/^ONNX file/),
      new File(['bytes'], 'digits.onnx'),
    );
    expect(within(dialog).getByText('digits.onnx, 5 B')).toBeInTheDocument();
    // Browsers tell of the same file chosen again only when the field was emptied.
    expect(within(dialog).getByLabelText(/^ONNX file/)).toHaveValue('');
    const description = within(dialog).getByLabelText(/^Description file/);
    await userEvent.upload(
      description,
      new File(['{"metrics": {}}'], 'digits.json', {
        type: 'application/json',
      }),
    );
    const send = within(dialog).getByRole('button', { name: 'Upload' });
    await userEvent.click(send);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      /unknown field "metrics"/,
    );

    await userEvent.upload(
      description,
      new File(['{}'], 'digits.json', { type: 'application/json' }),
    );
    await userEvent.click(send);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'The artifact is larger than 5 GB',
    );
  });

  it('can be stopped while it sends', async () => {
    server.use(
      ...serveModel(),
      http.post(`${REGISTRY_URL}/artifacts`, async () => {
        await delay('infinite');
        return HttpResponse.json({});
      }),
    );
    const dialog = await openDialog();
    await userEvent.upload(
      within(dialog).getByLabelText(/^ONNX file/),
      new File(['bytes'], 'digits.onnx'),
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Upload' }),
    );
    expect(
      await within(dialog).findByRole('progressbar', { name: 'Upload' }),
    ).toBeInTheDocument();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Stop' }));
    expect(
      await within(dialog).findByRole('button', { name: 'Cancel' }),
    ).toBeEnabled();
    expect(within(dialog).queryByRole('alert')).not.toBeInTheDocument();
  });
});
