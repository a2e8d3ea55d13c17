// Loaded into a process before all else: its clock is as many milliseconds off as GREENROOM_DRILL_CLOCK_MILLIS says.
const offMillis = Number(process.env.GREENROOM_DRILL_CLOCK_MILLIS ?? 0);
const now = Date.now.bind(Date);
const skewed = () => now() + offMillis;

globalThis.Date = new Proxy(Date, {
  construct: (target, operands, made) =>
    Reflect.construct(target, operands.length ? operands : [skewed()], made),
  apply: target => new target(skewed()).toString(),
  get: (target, name) => (name === 'now' ? skewed : Reflect.get(target, name)),
});
