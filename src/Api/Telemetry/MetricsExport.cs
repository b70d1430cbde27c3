using OpenTelemetry;
using OpenTelemetry.Metrics;
using Recs.Ingest;

namespace Recs.Api.Telemetry;

/// <summary>
/// Every metric of this process at <c>/metrics</c> in Prometheus' text: the server's own and ingest's, requests and connections, memory and garbage
/// collection. Where they are sent elsewhere too is the program's to decide: the meters are the same.
/// </summary>
internal sealed class MetricsExport : IDisposable
{
    private readonly MeterProvider _provider = Sdk.CreateMeterProviderBuilder()
        .AddMeter(ApiTelemetry.Name, IngestTelemetry.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
        .AddPrometheusExporter()
        .Build();

    public IEndpointConventionBuilder Map(IEndpointRouteBuilder app) => app.MapPrometheusScrapingEndpoint("/metrics", _provider, configureBranchedPipeline: null, optionsName: null);

    /// <inheritdoc/>
    public void Dispose() => _provider.Dispose();
}
