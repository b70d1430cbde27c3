using System.Net;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Recs.Api.Telemetry;
using Recs.Domain;
using Recs.Ingest;

namespace Recs.Pipelines.Telemetry;

/// <summary>Metrics and traces on their way out of the process. The rooms only measure; this is the one place that knows OpenTelemetry.</summary>
internal sealed class TelemetryExport : IDisposable
{
    /// <summary>What a collector that does not answer may cost at the end: a stop stays under five seconds.</summary>
    private const int LongestFlushMs = 1_000;

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    private TelemetryExport(MeterProvider? metrics, TracerProvider? traces) => (_metrics, _traces) = (metrics, traces);

    /// <param name="prometheus">Where metrics are served; null for nowhere.</param>
    /// <param name="collector">Where metrics and traces are sent; null for nowhere.</param>
    /// <param name="byEnvironment">Whether OpenTelemetry's own variables name the collector.</param>
    /// <exception cref="RefusedException">The place is taken.</exception>
    public static TelemetryExport Start((string Host, int Port)? prometheus, Uri? collector, bool byEnvironment)
    {
        var sends = collector is not null || byEnvironment;
        if (prometheus is null && !sends) return new(null, null);
        var resource = ResourceBuilder.CreateDefault().AddService("recs");
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(IngestTelemetry.Name, ApiTelemetry.Name);
        if (prometheus is { } place)
            metrics.AddPrometheusHttpListener(options => (options.Host, options.Port) = place);
        if (sends) metrics.AddOtlpExporter(Address);
        try
        {
            var provider = metrics.Build();
            var traces = sends ? Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(IngestTelemetry.Name).AddOtlpExporter(Address).Build() : null;
            return new(provider, traces);
        }
        catch (Exception fault) when (fault is HttpListenerException or System.Net.Sockets.SocketException)
        {
            throw new RefusedException($"--metrics {prometheus?.Host}:{prometheus?.Port} cannot be opened: {fault.Message}; is another program there?", fault);
        }

        void Address(OtlpExporterOptions options)
        {
            if (collector is not null) options.Endpoint = collector;
        }
    }

    public void Dispose()
    {
        _metrics?.Shutdown(LongestFlushMs);
        _traces?.Shutdown(LongestFlushMs);
        _metrics?.Dispose();
        _traces?.Dispose();
    }
}
