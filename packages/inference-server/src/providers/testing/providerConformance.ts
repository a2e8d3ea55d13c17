import { OpenAI } from 'openai';
import type { ServerResponse } from 'node:http';
import type { LanguageTask } from '../../domain/LanguageModel';
import { addExternalModel } from '../../testing/externalModel';
import { keyOf, routeOf, snapshotOf } from '../../testing/fixtures';
import { TestServer } from '../../testing/startTestServer';
import { waitFor } from '../../testing/waitFor';
import type { ProviderKind } from '../Provider';
import type { ReceivedCall, StandIn } from './StandIn';

const MODEL = 'small';
const HELLO = [{ role: 'user' as const, content: 'Grüezi, wie gaht’s? 👋' }];
const REPLY = 'You said: Grüezi, wie gaht’s? 👋';

/** What a provider brings to be tested like all others. */
export interface ProviderUnderTest {
  kind: string;
  /** In the place of the data plane's own kinds; those when left out. */
  providerKind?: ProviderKind;
  /** A new stand-in of the service, started by the suite: it checks who calls as the service does. */
  createStandIn(): StandIn;
  /** Settings of a connection to it. */
  settings(standIn: StandIn): Record<string, unknown>;
  /** Environment variables with the secrets, right and wrong; `url` is where the stand-in lies. */
  secrets: (url: string) => {
    right: Record<string, string>;
    wrong: Record<string, string>;
  };
  /** What the service calls the model. */
  model?: string;
  tasks: LanguageTask[];
  /** What the service does not have, and why. */
  lacks?: Partial<Record<'tools' | 'schemas' | 'model-list', string>>;
  /** Whether a call asks for an answer, and not for a token. */
  isCall?(call: ReceivedCall): boolean;
  /** Begins a streamed answer with the text "a" and leaves it open. */
  beginStream(response: ServerResponse): void;
  /** Sends, after {@link ProviderUnderTest.beginStream}, that it failed; undefined where the service has no word for that. */
  failWithinStream?(response: ServerResponse, message: string): void;
  /** Sends an error in the service's own form. */
  refuse(
    response: ServerResponse,
    status: number,
    message: string,
    headers?: Record<string, string>,
  ): void;
}

/**
 * What every provider has to do, tried by the official client through a whole data plane, with
 * a stand-in of the service behind it.
 */
export function describeProvider(provider: ProviderUnderTest): void {
  const { kind, tasks, lacks = {}, isCall = () => true } = provider;
  const streams = tasks.includes('chat');

  describe(`the provider ${kind}`, () => {
    let server: TestServer;
    let standIn: StandIn;
    let client: OpenAI;
    let secrets: ReturnType<ProviderUnderTest['secrets']>;

    const setSecrets = (values: Record<string, string>) =>
      Object.assign(process.env, values);
    const calls = () => standIn.calls.filter(isCall);
    const chat = () =>
      client.chat.completions.create({ model: 'bot', messages: HELLO });
    const stream = () =>
      client.chat.completions.create({
        model: 'bot',
        messages: HELLO,
        stream: true,
      });
    const ask = (): Promise<unknown> =>
      streams
        ? chat()
        : client.embeddings.create({ model: 'bot', input: 'Hello' });
    const failure = async (call: Promise<unknown>) => {
      const error = await call.then(
        () => new Error('it was answered'),
        (thrown: unknown) => thrown,
      );
      return error as InstanceType<typeof OpenAI.APIError>;
    };
    /** Lets calls through to a script of the test; tokens are given as ever. */
    const onCall = (script: StandIn['script']) => {
      const before = standIn.script;
      standIn.script = (call, response) =>
        isCall(call) ? script(call, response) : before(call, response);
    };

    beforeEach(async () => {
      standIn = provider.createStandIn();
      await standIn.start();
      secrets = provider.secrets(standIn.url);
      setSecrets(secrets.right);
      server = await TestServer.create();
      const variant = addExternalModel(server.controlPlane, {
        descriptor: { tasks, model: provider.model ?? MODEL },
        connection: {
          name: 'llm',
          kind,
          settings: JSON.parse(JSON.stringify(provider.settings(standIn))),
        },
      });
      server.controlPlane.snapshot = snapshotOf(
        [routeOf('bot', [variant])],
        [keyOf('gr_all', ['*'])],
      );
      await server.start(
        {
          GREENROOM_UPSTREAM_FIRST_BYTE_SECONDS: '1',
          GREENROOM_UPSTREAM_IDLE_SECONDS: '1',
        },
        { kinds: provider.providerKind && [provider.providerKind] },
      );
      await waitFor(
        async () =>
          (
            await server.send('/v1/models', { key: 'gr_all' })
          ).json.data.length === 1,
      );
      client = new OpenAI({
        baseURL: `${server.url}/v1`,
        apiKey: 'gr_all',
        maxRetries: 0,
      });
    });
    afterEach(async () => {
      for (const name of Object.keys(secrets.right)) {
        delete process.env[name];
      }
      await server.close();
      await standIn.stop();
    });

    if (streams) {
      it('answers as a whole', async () => {
        const answer = await chat();
        expect(answer).toMatchObject({
          object: 'chat.completion',
          choices: [
            {
              index: 0,
              finish_reason: 'stop',
              message: { role: 'assistant', content: REPLY },
            },
          ],
        });
        expect(answer.usage?.prompt_tokens).toBeGreaterThan(0);
        expect(answer.usage?.completion_tokens).toBe(5);
      });

      it('streams the same, however the bytes are cut, and tells the usage at the end', async () => {
        const chunks = [];
        const answer = await client.chat.completions.create({
          model: 'bot',
          messages: HELLO,
          stream: true,
          stream_options: { include_usage: true },
        });
        for await (const chunk of answer) chunks.push(chunk);
        const text = chunks.map(one => one.choices[0]?.delta.content ?? '');
        expect(text.join('')).toBe(REPLY);
        expect(
          chunks.filter(one => one.choices.length > 0).at(-1),
        ).toMatchObject({
          object: 'chat.completion.chunk',
          choices: [{ finish_reason: 'stop' }],
        });
        expect(chunks.at(-1)?.usage?.completion_tokens).toBe(5);
        await waitFor(async () =>
          (await server.metrics()).includes('direction="output"} 5'),
        );
      });

      it('holds a conversation with what the system says first', async () => {
        await client.chat.completions.create({
          model: 'bot',
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Hello' },
            { role: 'assistant', content: 'Hi.' },
            { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
          ],
          temperature: 0.5,
          max_completion_tokens: 30,
          stop: ['END'],
        });
        const sent = JSON.stringify(calls()[0].json);
        for (const text of [
          'Be brief.',
          'Hello',
          'Hi.',
          'And now?',
          '0.5',
          '30',
          'END',
        ]) {
          expect(sent).toContain(text);
        }
      });

      it('ends the call to the service within 100 ms when the caller goes away', async () => {
        onCall((_call, response) => provider.beginStream(response));
        const answer = await stream();
        for await (const chunk of answer) {
          if (chunk.choices[0]?.delta.content) break;
        }
        const leftMillis = performance.now();
        await waitFor(() => calls()[0].abortedAtMillis !== undefined);
        // The bound itself is the drill's; here a busy machine must not fail.
        expect(calls()[0].abortedAtMillis! - leftMillis).toBeLessThan(2_000);
      });

      it('tells within the stream that it broke off, stood still or was nonsense', async () => {
        const read = async () => {
          for await (const chunk of await stream()) {
            expect(chunk.object).toBe('chat.completion.chunk');
          }
        };
        onCall((_call, response) => {
          provider.beginStream(response);
          setTimeout(() => response.destroy(), 20);
        });
        await expect(read()).rejects.toThrow(/"llm": the connection broke/);
        onCall((_call, response) => {
          provider.beginStream(response);
          setTimeout(() => response.end(), 20);
        });
        await expect(read()).rejects.toThrow(/ended before it was whole/);
        onCall((_call, response) => provider.beginStream(response));
        await expect(read()).rejects.toThrow(/stood still for 1 s/);
        const { failWithinStream } = provider;
        if (!failWithinStream) return;
        onCall((_call, response) => {
          provider.beginStream(response);
          setTimeout(
            () => failWithinStream(response, 'The machine is full.'),
            20,
          );
        });
        await expect(read()).rejects.toThrow(/The machine is full\./);
      });

      it('does not answer what is no answer', async () => {
        for (const body of [
          '{"half": ',
          '<html></html>',
          '[]',
          '{}',
          '\xff\xfe',
        ]) {
          onCall((_call, response) => {
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(Buffer.from(body, 'latin1'));
          });
          expect((await failure(chat())).status).toBe(502);
        }
      });
    }

    if (streams && !lacks.tools) {
      it('calls tools, whole and streamed', async () => {
        const tools = [
          {
            type: 'function' as const,
            function: {
              name: 'weather',
              description: 'Of a city',
              parameters: {
                type: 'object',
                properties: { city: { type: 'string' } },
              },
            },
          },
        ];
        const answer = await client.chat.completions.create({
          model: 'bot',
          messages: HELLO,
          tools,
        });
        const [choice] = answer.choices;
        expect(choice.finish_reason).toBe('tool_calls');
        const [call] = choice.message.tool_calls ?? [];
        if (call?.type !== 'function')
          throw new Error('no function was called');
        expect(call.function.name).toBe('weather');
        expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Zürich' });
        await client.chat.completions.create({
          model: 'bot',
          tools,
          messages: [
            ...HELLO,
            { role: 'assistant', tool_calls: [call] },
            { role: 'tool', tool_call_id: call.id, content: '{"degrees":21}' },
          ],
        });
        const sent = JSON.stringify(calls().at(-1)?.json);
        expect(sent).toMatch(/degrees/);
        expect(sent).toMatch(/Zürich/);
        const streamed = client.chat.completions.stream({
          model: 'bot',
          messages: HELLO,
          tools,
        });
        const message = await streamed.finalMessage();
        const [again] = message.tool_calls ?? [];
        if (again?.type !== 'function')
          throw new Error('no function was called');
        expect(JSON.parse(again.function.arguments)).toEqual({
          city: 'Zürich',
        });
      });
    }

    if (streams && !lacks.schemas) {
      it('answers by a JSON schema', async () => {
        const schema = {
          type: 'object',
          properties: { answer: { type: 'number' } },
          required: ['answer'],
        };
        const parsed = await client.chat.completions.parse({
          model: 'bot',
          messages: HELLO,
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', schema },
          },
        });
        expect(parsed.choices[0].message.parsed).toEqual({ answer: 42 });
        expect(JSON.stringify(calls()[0].json)).toContain(
          '"required":["answer"]',
        );
      });
    }

    if (tasks.includes('completions')) {
      it('completes a prompt', async () => {
        const { choices } = await client.completions.create({
          model: 'bot',
          prompt: 'Hello',
        });
        expect(choices[0].text).toBe('Hello!');
      });
    }

    if (tasks.includes('embeddings')) {
      it('embeds texts, as numbers and as the official client asks', async () => {
        const request = { model: 'bot', input: ['a', 'bcd'] };
        const vectors = [
          [1, 0.5, -1],
          [3, 0.5, -1],
        ];
        for (const encoding_format of ['float', undefined] as const) {
          const { data } = await client.embeddings.create({
            ...request,
            encoding_format,
          });
          expect(data.map(({ embedding }) => embedding)).toEqual(vectors);
          expect(data.map(({ index }) => index)).toEqual([0, 1]);
        }
      });
    }

    it('says that the platform has the wrong secret, and tells it to nobody', async () => {
      setSecrets(secrets.wrong);
      const error = await failure(ask());
      expect(error.status).toBe(502);
      expect(error.message).toMatch(
        /"llm": the provider does not take its secret/,
      );
      const told = JSON.stringify(error.error) + server.logs.join('\n');
      const lines = Object.values(secrets.wrong)
        .flatMap(secret => secret.split('\n'))
        .filter(line => line.length > 8);
      expect(lines.filter(line => told.includes(line))).toEqual([]);
    });

    it('passes on why a request is refused', async () => {
      onCall((_call, response) =>
        provider.refuse(response, 400, 'The prompt is too long.'),
      );
      const error = await failure(ask());
      expect(error.status).toBe(400);
      expect(error.message).toMatch(/The prompt is too long\./);
      expect(calls()).toHaveLength(1);
    });

    it('tries again what passes, and passes on a limit that lasts', async () => {
      const works = standIn.script;
      let failures = 1;
      onCall((call, response) =>
        failures-- > 0
          ? provider.refuse(response, 503, 'Busy.', { 'retry-after': '0' })
          : works(call, response),
      );
      await ask();
      expect(calls()).toHaveLength(2);
      onCall((_call, response) =>
        provider.refuse(response, 429, 'Slow down.', { 'retry-after': '30' }),
      );
      const error = await failure(ask());
      expect(error.status).toBe(429);
      expect(error.headers?.get('retry-after')).toBe('30');
      expect(calls()).toHaveLength(3);
    });

    it('gives up on a service that does not begin to answer', async () => {
      onCall(() => {});
      const error = await failure(ask());
      expect(error.status).toBe(504);
      expect(error.message).toMatch(/did not begin within 1 s/);
    });

    it('says that nobody is there', async () => {
      await ask();
      await standIn.stop();
      const error = await failure(ask());
      expect(error.status).toBe(502);
      expect(error.message).toMatch(
        /nothing listens at its address|the connection broke/,
      );
    });
  });
}
