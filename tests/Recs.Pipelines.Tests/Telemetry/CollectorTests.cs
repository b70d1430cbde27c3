using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Recs.Ingest;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;

namespace Recs.Pipelines.Tests.Telemetry;

/// <summary>What is sent to a collector, seen by one that speaks as much gRPC as a collector must.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class CollectorTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Ingest_ToACollector_MetricsAndTracesArriveBeforeItEnds()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await Listen(received);
        using var broker = new EmbeddedBroker();
        using (var producer = new EventProducer(broker.Connection)) producer.Publish(SmallStore.Facts());
        await RecsProgram.Succeed("ingest", "--kafka", broker.Connection.BootstrapServers, "--db", "duckdb:" + _folder.In("a.duckdb"), "--once", "--otlp", collector.Urls.Single());

        var metrics = received["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"];
        Assert.Contains("recs.ingest.facts", metrics, StringComparison.Ordinal);
        Assert.Contains("recs.ingest.commit.duration", metrics, StringComparison.Ordinal);
        Assert.Contains("ingest batch", received["/opentelemetry.proto.collector.trace.v1.TraceService/Export"], StringComparison.Ordinal);
        // Ids and users stay at home.
        Assert.DoesNotContain(SmallStore.Facts().Select(fact => fact.Event).OfType<Domain.Events.Interaction>().First().Id.Value, string.Concat(received.Values), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<WebApplication> Listen(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
        var collector = builder.Build();
        collector.MapPost("{**service}", async (HttpContext call) =>
        {
            using var body = new MemoryStream();
            await call.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(call.Request.Path, Text(body), (_, before) => before + Text(body));
            call.Response.ContentType = "application/grpc";
            call.Response.DeclareTrailer("grpc-status");
            await call.Response.Body.WriteAsync(new byte[5]); // an empty answer
            call.Response.AppendTrailer("grpc-status", "0");
        });
        await collector.StartAsync();
        return collector;
    }

    private static string Text(MemoryStream body) => Encoding.Latin1.GetString(body.GetBuffer(), 0, (int)body.Length);
}
