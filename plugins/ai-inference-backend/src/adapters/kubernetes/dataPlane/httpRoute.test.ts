import { describeRoute } from './httpRoute';

const route = (
  ...conditions: {
    type: string;
    status: string;
    message?: string;
    reason?: string;
  }[]
) => ({
  spec: { parentRefs: [{ name: 'edge' }] },
  status: { parents: [{ conditions }] },
});

describe('describeRoute', () => {
  it('says nothing of a route that leads somewhere', () => {
    expect(
      describeRoute(
        route(
          { type: 'Accepted', status: 'True' },
          { type: 'ResolvedRefs', status: 'True' },
        ),
      ),
    ).toBeUndefined();
  });

  it('says what a Gateway says, and its reason where it says no more', () => {
    expect(
      describeRoute(
        route(
          { type: 'Accepted', status: 'True' },
          { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' },
        ),
      ),
    ).toBe("the Gateway 'edge' does not take the route: BackendNotFound");
  });

  it('says that nobody has said anything', () => {
    expect(describeRoute({ spec: { parentRefs: [{ name: 'edge' }] } })).toMatch(
      /^no Gateway 'edge' has said yet/,
    );
  });
});
