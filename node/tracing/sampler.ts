import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler } from "@opentelemetry/sdk-trace";
import { SettingError, type TracesSampler } from "../environment.ts";

/** The samplers of OpenTelemetry by their names. A trace that a client has begun is followed as the client decided, unless the name says otherwise. */
const SAMPLERS: Readonly<Record<string, (share: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (share) => new TraceIdRatioBasedSampler(share),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (share) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
};

/** @throws SettingError */
export function samplerOf({ name = "parentbased_always_on", argument = "1" }: TracesSampler): Sampler {
  const make = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (!make) throw new SettingError(`OTEL_TRACES_SAMPLER is "${name}": give one of ${Object.keys(SAMPLERS).join(", ")}.`);
  const share = Number(argument);
  if (!(share >= 0 && share <= 1)) throw new SettingError(`OTEL_TRACES_SAMPLER_ARG is "${argument}": give the share of traces to keep, from 0 to 1.`);
  return make(share);
}
