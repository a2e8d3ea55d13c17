import { mockServices } from '@backstage/backend-test-utils';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import type { ChangeRequest, GitHost } from '../../environments/GitHost';
import { portalEmail } from '../../environments/people';
import { openTestPromotion } from '../__testUtils__/openTestPromotion';
import { Adopter } from './Adopter';

const AUTHORS = {
  person: 'grace@example.com',
  portalUser: portalEmail('user:default/ada'),
  portalService: portalEmail('service:greenroom'),
};

const request = (number: number, email: string): ChangeRequest => ({
  number,
  title: `Change ${number}`,
  body: '',
  branch: `branch-${number}`,
  author: { name: 'Somebody', email },
  state: 'open',
  head: String(number).repeat(40),
  approvals: [],
  objections: [],
  comments: [],
  labels: [],
  checks: [],
  deployments: [],
});

describe('Adopter', () => {
  /** Looks once; @returns the change requests that were judged, and how often promotions were asked for. */
  async function look(requests: ChangeRequest[], ofPromotions: number[]) {
    const judged: string[] = [];
    const gitHost: Pick<
      GitHost,
      'changeToken' | 'getBranch' | 'listChangeRequests'
    > = {
      changeToken: async () => 'token',
      listChangeRequests: async () => ({ items: requests }),
      async getBranch(branch) {
        judged.push(branch);
        return undefined;
      },
    };
    const promotion = openTestPromotion('2026-11-30T12:00:00.000Z');
    const asked = jest.fn(
      async () => new Map(ofPromotions.map(number => [number, promotion])),
    );
    const adopter = new Adopter({
      auth: mockServices.auth(),
      deployments: { find: async () => undefined },
      environments: Environments.fromConfig(mockServices.rootConfig()),
      gitHost: gitHost as GitHost,
      logger: mockServices.logger.mock(),
      opener: { open: jest.fn(), retarget: jest.fn() },
      people: {
        personOf: jest.fn(),
        actorOf: jest.fn(),
        membershipsOf: jest.fn(),
      },
      store: { ofChangeRequests: asked },
      versions: { findDigests: async () => [] },
    });
    await adopter.look(new AbortController().signal);
    return { judged, timesAsked: asked.mock.calls.length };
  }

  it('leaves alone what was opened here, for whomever', async () => {
    const { judged } = await look(
      [
        request(1, AUTHORS.portalUser),
        request(2, AUTHORS.portalService),
        request(3, AUTHORS.person),
      ],
      [],
    );
    expect(judged).toEqual(['branch-3']);
  });

  it('asks once which of them have promotions, however many they are', async () => {
    const requests = Array.from({ length: 50 }, (_, index) =>
      request(index + 1, AUTHORS.person),
    );
    const known = requests.slice(1).map(({ number }) => number);
    const { judged, timesAsked } = await look(requests, known);
    expect(judged).toEqual(['branch-1']);
    expect(timesAsked).toBe(1);
  });
});
