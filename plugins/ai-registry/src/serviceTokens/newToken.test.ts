import { GRANTABLE_PERMISSIONS } from './newToken';

it('offers what programs of each plugin need, and not to make tokens', () => {
  expect(GRANTABLE_PERMISSIONS).toEqual(
    expect.arrayContaining([
      'ai-registry.model.update',
      'ai-inference.model.invoke',
      'ai-monitoring.read',
      'ai-training.run.write',
    ]),
  );
  expect(GRANTABLE_PERMISSIONS).not.toContain(
    'ai-registry.service-token.manage',
  );
});
