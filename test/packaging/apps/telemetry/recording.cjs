'use strict';

const { metrics, trace } = require('@opentelemetry/api');

/** Sets global providers that count the measurements. They use the API only, because each SDK needs one version of it. */
exports.startRecording = () => {
  const counts = {};
  const count = (name, value = 1) => {
    counts[name] = (counts[name] ?? 0) + value;
  };
  const readings = [];
  const instrument = (name) => ({ record: () => count(name), add: (value) => count(name, value) });
  const gauge = (name) => ({
    addCallback: (callback) => readings.push(() => callback({ observe: () => count(name) })),
    removeCallback: () => {},
  });
  const meter = {
    createHistogram: instrument,
    createCounter: instrument,
    createObservableGauge: gauge,
  };
  const span = { setAttributes() {}, setStatus() {}, end: () => count('spans') };
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => span }) });
  return () => {
    readings.forEach((read) => read());
    return counts;
  };
};
