import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  makeDataPlane,
  makeDeployment,
  makeTabularVersion,
} from '../../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  REGISTRY_URL,
  renderInference,
} from '../../__testUtils__/renderInference';

const server = setupServer();
const MODEL = 'support-bot';

interface Asked {
  path: string;
  request: { messages?: unknown; input?: string[]; temperature?: number };
}

const external = {
  formatVersion: 1,
  connection: 'llm',
  model: 'gpt-4o-mini',
  tasks: ['chat'],
  parameters: { temperature: 0.2 },
  messages: [{ role: 'system', content: 'You are brief.' }],
};

function streamOf(words: string[]): string {
  return [
    ...words.map(content => ({ choices: [{ delta: { content } }] })),
    { choices: [{ delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } },
  ]
    .map(chunk => `data: ${JSON.stringify(chunk)}\n\n`)
    .concat('data: [DONE]\n\n')
    .join('');
}

function serve(options: {
  external?: object;
  answer(asked: Asked): Response | Promise<Response>;
}) {
  const asked: Asked[] = [];
  server.use(
    http.get(`${INFERENCE_URL}/deployments`, () =>
      HttpResponse.json({ items: [makeDeployment({ model: MODEL })] }),
    ),
    http.get(`${INFERENCE_URL}/data-planes`, () =>
      HttpResponse.json({ items: [makeDataPlane()] }),
    ),
    http.get(`${REGISTRY_URL}/models/${MODEL}/versions/:version`, () =>
      HttpResponse.json({
        ...makeTabularVersion(),
        format: 'external',
        signature: undefined,
        schema: undefined,
        external: options.external ?? external,
      }),
    ),
    http.post<never, Asked['request']>(
      `${INFERENCE_URL}/playground/*`,
      async ({ request }) => {
        const path = request.url.replace(INFERENCE_URL, '');
        const call = { path, request: await request.json() };
        asked.push(call);
        return options.answer(call);
      },
    ),
  );
  return asked;
}

const events = (text: string, version = '2') =>
  new HttpResponse(text, {
    headers: {
      'content-type': 'text/event-stream',
      'x-greenroom-version': version,
    },
  });

async function say(text: string) {
  await userEvent.type(
    await screen.findByRole('textbox', { name: 'Message' }),
    `${text}{Enter}`,
  );
}

const path = `/ai-inference/playground/${MODEL}`;

describe('the playground of a language model', () => {
  registerMswTestHooks(server);

  it('talks, and shows who answered and how much was said', async () => {
    const asked = serve({ answer: () => events(streamOf(['Good ', 'day'])) });
    renderInference({ path });
    expect(
      await screen.findByText(/puts a message of its own before yours/),
    ).toBeInTheDocument();
    await say('Hello');
    const log = await screen.findByRole('log');
    expect(await within(log).findByText('Good day')).toBeInTheDocument();
    expect(within(log).getByText('Version 2')).toBeInTheDocument();
    expect(
      await within(log).findByText(/9 tokens in, 2 out/),
    ).toBeInTheDocument();
    await say('And now?');
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]).toMatchObject({
      path: `/playground/production/${MODEL}/language/chat`,
      request: {
        stream: true,
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Good day' },
          { role: 'user', content: 'And now?' },
        ],
      },
    });
    // Nobody has set it: the version's own is taken.
    expect(asked[1].request).not.toHaveProperty('temperature');
  });

  it('asks two versions the same, side by side', async () => {
    const asked = serve({
      answer: ({ path: where }) =>
        where.includes('/versions/1/')
          ? events(streamOf(['One']), '1')
          : events(streamOf(['Two']), '2'),
    });
    renderInference({ path: `${path}?version=2` });
    await userEvent.click(await screen.findByText('Settings'));
    await userEvent.click(
      await screen.findByRole('button', { name: /Compare with/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'Version 1' }),
    );
    await say('Hello');
    const log = await screen.findByRole('log');
    expect(await within(log).findByText('One')).toBeInTheDocument();
    expect(await within(log).findByText('Two')).toBeInTheDocument();
    expect(asked.map(({ path: where }) => where).sort()).toEqual([
      `/playground/production/${MODEL}/versions/1/language/chat`,
      `/playground/production/${MODEL}/versions/2/language/chat`,
    ]);
  });

  it('stops when it is told to, and keeps what was said', async () => {
    serve({
      answer: () =>
        events(
          new ReadableStream({
            async start(controller) {
              const [first] = streamOf(['Once upon']).split('\n\n');
              controller.enqueue(new TextEncoder().encode(`${first}\n\n`));
              await delay('infinite');
            },
          }) as never,
        ),
    });
    renderInference({ path });
    await say('A story');
    const log = await screen.findByRole('log');
    expect(await within(log).findByText('Once upon')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(await within(log).findByText(/Stopped/)).toBeInTheDocument();
    expect(within(log).getByText('Once upon')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Send' })).toBeInTheDocument();
  });

  it("shows the data plane's reason, and goes on", async () => {
    let calls = 0;
    serve({
      answer: () => {
        calls += 1;
        return calls === 1
          ? HttpResponse.json(
              { error: { name: 'Error', message: 'the limit is reached' } },
              { status: 503 },
            )
          : events(streamOf(['Hi']));
      },
    });
    renderInference({ path });
    await say('Hello');
    expect(await screen.findByText(/the limit is reached/)).toBeInTheDocument();
    await say('Hello?');
    expect(await screen.findByText('Hi')).toBeInTheDocument();
  });

  it('compares texts by their embeddings', async () => {
    const asked = serve({
      external: { ...external, tasks: ['embeddings'], messages: [] },
      answer: () =>
        HttpResponse.json(
          {
            data: [
              { index: 1, embedding: [0, 1] },
              { index: 0, embedding: [1, 0] },
              { index: 2, embedding: [1, 0] },
            ],
          },
          { headers: { 'x-greenroom-version': '2' } },
        ),
    });
    renderInference({ path });
    const texts = await screen.findByRole('textbox', {
      name: 'Texts to compare it with',
    });
    await userEvent.clear(texts);
    await userEvent.type(texts, 'unlike{Enter}alike');
    await userEvent.click(screen.getByRole('button', { name: 'Compare' }));
    expect(
      await screen.findByText(/embeddings of 2 numbers. Answered by version 2/),
    ).toBeInTheDocument();
    const shown = screen
      .getAllByText(/^(unlike|alike)$/)
      .map(({ textContent }) => textContent);
    expect(shown).toEqual(['alike', 'unlike']);
    expect(asked[0].request.input).toEqual([
      'How do I get my money back?',
      'unlike',
      'alike',
    ]);
  });
});
