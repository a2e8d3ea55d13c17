import { mockCredentials } from '@backstage/backend-test-utils';

/** Everybody who may come along. */
export const ROLES = [
  'anonymous',
  'user',
  'owner',
  'reviewer',
  'admin',
  'dataPlane',
  'otherDataPlane',
  'ci',
  'plainToken',
  'plugin',
] as const;
/** Those, and a program that may register versions of a model, and nothing else. */
export type Role = (typeof ROLES)[number] | 'registrar';

/** Groups of the people; services are told by their subjects. */
export const CLAIMS: Record<string, string[]> = {
  'user:default/eve': [],
  'user:default/ada': ['group:default/vision'],
  'user:default/bob': ['group:default/vision'],
  'user:default/grace': ['group:default/platform'],
};

const PEOPLE: Partial<Record<Role, string>> = {
  user: 'user:default/eve',
  owner: 'user:default/ada',
  reviewer: 'user:default/bob',
  admin: 'user:default/grace',
};
const PROGRAMS: Partial<Record<Role, string>> = {
  dataPlane: 'greenroom:data-plane-production',
  otherDataPlane: 'greenroom:data-plane-staging',
  ci: 'greenroom:ci',
  registrar: 'greenroom:registrar',
  plainToken: 'data-plane',
  plugin: 'plugin:catalog',
};

/** The `Authorization` header of a role; undefined for nobody. */
export function headerOf(role: Role, pluginId: string): string | undefined {
  const person = PEOPLE[role];
  if (person) return mockCredentials.user.header(person);
  const subject = PROGRAMS[role];
  return subject
    ? mockCredentials.service.header({
        onBehalfOf: mockCredentials.service(subject),
        targetPluginId: pluginId,
      })
    : undefined;
}
