import { ConfigReader } from '@backstage/config';
import { readRoute } from './routeSettings';

const read = (route: object) =>
  readRoute(new ConfigReader({ route } as {}), 'deployer');

describe('readRoute', () => {
  it('takes what is said, and none where nothing is', () => {
    expect(readRoute(new ConfigReader({}), 'deployer')).toBeUndefined();
    expect(read({ gateway: 'edge' })).toEqual({
      gateway: 'edge',
      hostnames: [],
    });
    const all = {
      gateway: 'edge',
      gatewayNamespace: 'ingress',
      sectionName: 'https',
      hostnames: ['models.example.com', '*.example.org'],
    };
    expect(read(all)).toEqual(all);
  });

  it.each([
    [{}, 'deployer.route.gateway is not set: expected the name of a Gateway'],
    [{ gateway: 'Edge' }, "deployer.route.gateway is 'Edge'"],
    [
      { gateway: 'edge', hostnames: ['https://models.example.com'] },
      "deployer.route.hostnames has 'https://models.example.com': expected a name such as",
    ],
  ])('refuses %j', (route, message) => {
    expect(() => read(route)).toThrow(message);
  });
});
