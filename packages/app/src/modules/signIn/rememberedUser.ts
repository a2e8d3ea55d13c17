import type { IdentityApi } from '@backstage/frontend-plugin-api';

const STORAGE_KEY = 'greenroom.demoUser';

/** Who signed in here before, so that a reload does not ask again. */
export function rememberedUser(): string | undefined {
  return localStorage.getItem(STORAGE_KEY) ?? undefined;
}

export function forgetUser(): void {
  localStorage.removeItem(STORAGE_KEY);
}

/** Remembers a demo user until they sign out. */
export function rememberUntilSignOut(
  name: string,
  identity: IdentityApi,
): IdentityApi {
  localStorage.setItem(STORAGE_KEY, name);
  return {
    getProfileInfo: () => identity.getProfileInfo(),
    getBackstageIdentity: () => identity.getBackstageIdentity(),
    getCredentials: () => identity.getCredentials(),
    signOut: async () => {
      forgetUser();
      await identity.signOut();
    },
  };
}
