import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogConsumers } from './CatalogConsumers';

const entity = (name: string, dependsOn: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name, namespace: 'default' },
  relations: [
    { type: 'dependsOn', targetRef: dependsOn },
    { type: 'ownedBy', targetRef: 'group:default/shop' },
  ],
});

function create(entities: Entity[]) {
  const catalog = catalogServiceMock({ entities });
  const logger = mockServices.logger.mock();
  const auth = mockServices.auth();
  return {
    catalog,
    logger,
    consumers: new CatalogConsumers({ catalog, auth, logger }),
  };
}

it('knows what depends on a model, and whose it is', async () => {
  const { consumers } = create([
    entity('shop', 'resource:default/digits'),
    entity('other', 'resource:default/diabetes'),
  ]);
  expect(await consumers.of('digits')).toEqual([
    { entity: 'component:default/shop', owner: 'group:default/shop' },
  ]);
  expect(await consumers.of('nothing')).toEqual([]);
});

it('says that it cannot tell when the catalog is away', async () => {
  const { consumers, catalog, logger } = create([]);
  jest.spyOn(catalog, 'getEntities').mockRejectedValue(new Error('away'));
  expect(await consumers.of('digits')).toBeUndefined();
  expect(logger.warn).toHaveBeenCalledWith(
    expect.stringContaining("who uses 'digits'"),
    expect.any(Error),
  );
});
