import { knownPaths, parseTarget } from '../http/parseTarget';
import { checkByCatalog, readCatalogDocument } from './catalogDocument';

const document = readCatalogDocument();

describe('the API of the data plane in the catalog', () => {
  it('has each path of the protocol, and no other', () => {
    const known = knownPaths()
      .filter(path => path.startsWith('/v2'))
      .map(path => path.replace(/:(\w+)/g, '{$1}'));
    expect(Object.keys(document.paths).sort()).toEqual(known.sort());
  });

  it.each(Object.keys(document.paths))('%s has its parameters', path => {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      $ref: `#/components/parameters/${name}`,
    }));
    expect(document.paths[path].parameters ?? []).toEqual(named);
    expect(parseTarget(path.replace(/[{}]/g, '')).kind).not.toBe('unknown');
  });

  it('has everything that it refers to, and refers to everything that it has', () => {
    const referred = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
        ([, ref]) => ref,
      ),
    );
    const { securitySchemes: _used, ...components } =
      document.components as Record<string, object>;
    const there = Object.entries(components).flatMap(([kind, named]) =>
      Object.keys(named).map(name => `#/components/${kind}/${name}`),
    );
    expect([...referred].sort()).toEqual(there.sort());
  });
});

const answer = (path: string, json: unknown, more = {}) => ({
  method: 'GET',
  path,
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(json)),
  ...more,
});

it.each([
  answer('/v2/models/stats', { model_stats: [] }),
  answer('/v2/models/m/ready/', { name: 'm', ready: true }),
  answer('/v2/models/m/ready', { error: 'no keys' }, { status: 503 }),
  answer('/v2/models/m/infer', { error: 'no' }, { status: 405 }),
  answer('/v2/elsewhere', { anything: true }),
])('takes $method $path with $status', seen => {
  expect(() => checkByCatalog(seen)).not.toThrow();
});

it.each([
  [answer('/v2/models/stats', { models: [] }), 'is not what'],
  [answer('/v2/models/m/ready', { name: 'm' }), 'is not what'],
  [answer('/v2/models', { error: 'no' }, { status: 418 }), 'does not name'],
  [answer('/v2/models/m/infer', {}), 'does not name'],
  [answer('/v2/models', { message: 'no' }, { status: 401 }), 'is not what'],
])('refuses %j', (seen, message) => {
  expect(() => checkByCatalog(seen)).toThrow(message);
});
