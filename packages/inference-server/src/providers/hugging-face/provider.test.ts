import { describeProvider } from '../testing/providerConformance';
import {
  answerLikeOpenAi,
  openAiUnderTest,
  STAND_IN_KEY,
} from '../testing/openAiStandIn';
import { sendJson, StandIn, type Script } from '../testing/StandIn';

jest.setTimeout(60_000);

const MODEL = 'some-lab/small-1b';

/** The router as it is for chat, and its task endpoint that embeds. */
const answer: Script = async (call, response) => {
  if (call.path.startsWith('/hf-inference/')) {
    if (call.headers.authorization !== `Bearer ${STAND_IN_KEY}`) {
      sendJson(response, 401, { error: 'Invalid username or password.' });
    } else if (
      call.path !== `/hf-inference/models/${MODEL}/pipeline/feature-extraction`
    ) {
      sendJson(response, 404, { error: `Model ${call.path} does not exist` });
    } else {
      sendJson(
        response,
        200,
        call.json.inputs.map((text: string) => [text.length, 0.5, -1]),
      );
    }
    return;
  }
  const key = call.headers.authorization;
  if (
    key === `Bearer ${STAND_IN_KEY}` &&
    call.json.model !== `${MODEL}:some-host`
  ) {
    sendJson(response, 400, { error: `${call.json.model} is not there` });
    return;
  }
  await answerLikeOpenAi(call, response);
};

const common = {
  kind: 'hugging-face',
  model: MODEL,
  createStandIn: () => new StandIn(answer),
  settings: ({ url }: StandIn) => ({
    baseUrl: url,
    secret: 'env:HF_TOKEN',
    provider: 'some-host',
  }),
  secrets: () => ({
    right: { HF_TOKEN: STAND_IN_KEY },
    wrong: { HF_TOKEN: 'hf_wrong_0123456789' },
  }),
};

describe('chat by the router', () => {
  describeProvider({ ...openAiUnderTest, ...common, tasks: ['chat'] });
});

describe('embeddings by a task endpoint', () => {
  describeProvider({
    ...openAiUnderTest,
    ...common,
    tasks: ['embeddings'],
    refuse: (response, status, message, headers) =>
      sendJson(response, status, { error: message }, headers),
  });
});
