import { describe, expect, it } from "@jest/globals";
import { SettingError } from "../../environment.ts";
import { samplerOf } from "../../tracing/sampler.ts";

describe("OTEL_TRACES_SAMPLER", () => {
  it.each([
    [undefined, undefined, "ParentBased{root=AlwaysOnSampler"], ["always_off", undefined, "AlwaysOffSampler"], ["traceidratio", "0.25", "TraceIdRatioBased{0.25}"],
    ["parentbased_traceidratio", "0.05", "ParentBased{root=TraceIdRatioBased{0.05}"],
  ])("%s with %s is %s", (name, argument, sampler) => expect(samplerOf({ name, argument }).toString()).toContain(sampler));

  it.each([
    ["sometimes", undefined, /^OTEL_TRACES_SAMPLER is "sometimes": give one of always_on, /], ["toString", undefined, /^OTEL_TRACES_SAMPLER is "toString"/],
    ["traceidratio", "half", /^OTEL_TRACES_SAMPLER_ARG is "half": give the share/], ["traceidratio", "1.5", /^OTEL_TRACES_SAMPLER_ARG is "1.5"/],
  ])("%s with %s stops the start with a sentence", (name, argument, sentence) => {
    expect(() => samplerOf({ name, argument })).toThrow(SettingError);
    expect(() => samplerOf({ name, argument })).toThrow(sentence);
  });
});
