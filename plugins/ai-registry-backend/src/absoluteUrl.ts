/**
 * Address of a page for those who are not in the portal.
 *
 * @returns undefined where nobody has said where people find the portal
 */
export function absoluteUrl(
  page: string,
  portalUrl: string | undefined,
): string | undefined {
  return URL.canParse(page, portalUrl)
    ? new URL(page, portalUrl).href
    : undefined;
}
