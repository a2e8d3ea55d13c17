import type { Promotion } from '@greenroom/plugin-ai-registry-common';

/** Where people see a promotion: its change request on the Git host, or its page in the portal. */
export function pageOf(
  { id, changeRequest }: Pick<Promotion, 'id' | 'changeRequest'>,
  portalUrl: string,
): string {
  const page = changeRequest?.url ?? `/ai-registry/promotions/${id}`;
  return new URL(page, `${portalUrl}/`).href;
}
