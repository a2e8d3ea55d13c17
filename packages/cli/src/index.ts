/**
 * The command `greenroom`.
 *
 * @packageDocumentation
 */
export type { CommandContext } from './Command';
export { runCommand } from './runCommand';
