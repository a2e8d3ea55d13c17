import { LocalModelHttp } from '../../localModel/LocalModelHttp';
import { FakeEngine } from '../../localModel/testing/FakeEngine';
import { describeProvider } from '../testing/providerConformance';
import { openAiUnderTest } from '../testing/openAiStandIn';
import { StandIn } from '../testing/StandIn';
import type { ProviderKind } from '../Provider';
import { createLocalKind } from '.';

jest.setTimeout(60_000);

const KEY = 'made-at-random-0123456789';
const front = () =>
  new LocalModelHttp({
    engine: new FakeEngine(),
    model: 'small',
    key: KEY,
    maxWaiting: 2,
  });

let standIn: StandIn;

// The program's own edge, in this process so that the suite can look into it.
describeProvider({
  ...openAiUnderTest,
  kind: 'local',
  providerKind: createLocalKind(async () => ({
    url: standIn.url,
    key: process.env.TEST_LOCAL_KEY ?? '',
    ended: new Promise(() => {}),
    onIdle() {},
    async stop() {},
  })) as ProviderKind,
  createStandIn: () => {
    const served = front();
    standIn = new StandIn((call, response) => served.answer(call, response));
    return standIn;
  },
  settings: () => ({}),
  secrets: () => ({
    right: { TEST_LOCAL_KEY: KEY },
    wrong: { TEST_LOCAL_KEY: 'another-one-0123456789' },
  }),
  tasks: ['chat', 'completions'],
  lacks: { tools: 'a model of this size does not call them well' },
});
