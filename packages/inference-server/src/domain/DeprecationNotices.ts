import type { RouteDeprecation } from '@greenroom/plugin-ai-inference-common';

/** Names and values of what is told beside an answer, one after the other. */
export type Notice = readonly string[];

/**
 * What callers of a route's deprecated versions are told: the fields Deprecation (RFC 9745), Sunset
 * (RFC 8594) and a link to a page for people. They are written once for a route, not for a request.
 */
export class DeprecationNotices {
  readonly #ofModel: Notice | undefined;
  readonly #ofVersions: ReadonlyMap<number, Notice>;

  private constructor(deprecations: readonly RouteDeprecation[]) {
    const ofModel = deprecations.find(({ version }) => version === undefined);
    this.#ofModel = ofModel && toNotice(ofModel);
    this.#ofVersions = new Map(
      deprecations.flatMap(({ version, ...deprecation }) =>
        version === undefined ? [] : [[version, toNotice(deprecation)]],
      ),
    );
  }

  /** Undefined where nothing is deprecated: then no request looks any further. */
  static of(
    deprecations: readonly RouteDeprecation[] = [],
  ): DeprecationNotices | undefined {
    return deprecations.length > 0
      ? new DeprecationNotices(deprecations)
      : undefined;
  }

  /** @param version - undefined while it is not known which one answers */
  find(version: number | undefined): Notice | undefined {
    return version === undefined
      ? this.#ofModel
      : this.#ofVersions.get(version) ?? this.#ofModel;
  }
}

/** By name, for those who set them one by one. */
export function asFields(notice: Notice = []): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < notice.length; at += 2) {
    fields[notice[at]] = notice[at + 1];
  }
  return fields;
}

function toNotice({
  since,
  sunsetAt,
  link,
}: Omit<RouteDeprecation, 'version'>): Notice {
  const notice = ['Deprecation', `@${Math.floor(Date.parse(since) / 1_000)}`];
  if (sunsetAt !== undefined) {
    notice.push('Sunset', new Date(sunsetAt).toUTCString());
  }
  if (link !== undefined) {
    notice.push('Link', `<${link}>; rel="deprecation"; type="text/html"`);
  }
  return notice;
}
