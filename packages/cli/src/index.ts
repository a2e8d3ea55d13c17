/**
 * The command `greenroom`.
 *
 * @packageDocumentation
 */
export { runCommand, type CommandContext } from './runCommand';
