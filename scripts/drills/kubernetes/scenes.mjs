// @ts-check
import { awayScenes } from './awayScenes.mjs';
import { neverReadyScenes } from './neverReadyScenes.mjs';
import { nodeScenes } from './nodeScenes.mjs';
import { rightsScenes } from './rightsScenes.mjs';

/**
 * What a scene has to play with.
 *
 * @typedef {object} Scene
 * @property {import('./Story.mjs').Story} story
 * @property {import('./ClusterStage.mjs').ClusterStage} cluster
 * @property {boolean} smoke
 * @property {(what: string, holds: boolean, detail?: string) => void} check
 */

/** @type {{ name: string, isSmoke?: boolean, play(scene: Scene): Promise<void> }[]} */
export const scenes = [
  ...neverReadyScenes,
  ...awayScenes,
  ...rightsScenes,
  // Last: a node is left after it.
  ...nodeScenes,
];
