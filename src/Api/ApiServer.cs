using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.AI;
using Recs.Api.Contracts;
using Recs.Api.Endpoints;
using Recs.Api.Keys;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Api.Rpc;
using Recs.Api.Serving;
using Recs.Api.Telemetry;
using Recs.Domain;
using Recs.Ingest;

namespace Recs.Api;

/// <summary>The HTTP server: JSON in, slate out. Reads no configuration, prints nothing, owns no signal handlers. Safe from any thread.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ApiOptions _options;
    private readonly Drain _drain;
    private readonly RankService _ranking;
    private readonly ApiTelemetry _telemetry;
    private readonly MetricsExport _metrics;
    private readonly TimeProvider _clock;

    private ApiServer(WebApplication app, ApiOptions options, Drain drain, RankService ranking, ApiTelemetry telemetry, MetricsExport metrics, TimeProvider clock) =>
        (_app, _options, _drain, _ranking, _telemetry, _metrics, _clock) = (app, options, drain, ranking, telemetry, metrics, clock);

    /// <summary>Where it listens, with the ports taken: HTTP first, then gRPC.</summary>
    public IReadOnlyCollection<string> Urls => [.. _app.Urls];

    /// <summary>Tries the port, so that a long job learns at its beginning that it could not serve at its end.</summary>
    /// <exception cref="RefusedException">An option is out of range, or the port is taken.</exception>
    public static void RequireFreePort(ApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var url = options.Validate().Http;
        if (!url.IsLoopback || url.Port == 0) return;
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, url.Port));
        }
        catch (SocketException busy)
        {
            throw Taken(url, busy);
        }
    }

    /// <summary>Starts to serve.</summary>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="live">What is served; it stays the caller's.</param>
    /// <param name="producer">Where posted events go; it stays the caller's.</param>
    /// <param name="clock">The present; null for the system's.</param>
    /// <param name="embeddings">What answers <c>/v1/embeddings</c>; null: that answers 503. It stays the caller's.</param>
    /// <param name="ledger">Keeps decisions; null: nobody does. It stays the caller's.</param>
    /// <param name="erasure">What <c>DELETE /v1/users/{id}</c> does; null: that answers 503. It stays the caller's.</param>
    /// <param name="cancel">Gives up starting.</param>
    /// <exception cref="RefusedException">An option is out of range, or a port is taken.</exception>
    public static async Task<ApiServer> StartAsync(ApiOptions? options, LiveState live, EventProducer producer, TimeProvider? clock = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null, IDecisionLedger? ledger = null, IUserErasure? erasure = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(live);
        options ??= new ApiOptions();
        clock ??= TimeProvider.System;
        var places = options.Validate();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(ApiServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            KestrelLimits.Apply(kestrel, options);
            places.Bind(kestrel, options);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.CorsOrigins])
            .WithMethods("GET", "POST").WithHeaders("content-type", "authorization", "x-api-key", "x-recs-timing").WithExposedHeaders("server-timing", "retry-after")));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        });
        builder.Services.AddOpenApi("v1", OpenApiText.Describe);
        var (drain, telemetry, metrics, ids) = (new Drain(), new ApiTelemetry(), new MetricsExport(), new RequestIds(clock));
        var (ranking, publishing, log) = (new RankService(live, options, telemetry, ledger, clock), new EventPublishing(producer, options, clock), options.Log ?? (_ => { }));
        if (options.GrpcUrl is not null)
        {
            builder.Services.AddSingleton(new RecommenderService(ranking, publishing, ids, options, clock));
            builder.Services.AddGrpc(grpc =>
            {
                grpc.MaxReceiveMessageSize = options.BodyBytes;
                grpc.Interceptors.Add<ProblemInterceptor>(telemetry, log);
            });
        }
        var app = builder.Build();
        var server = new ApiServer(app, options, drain, ranking, telemetry, metrics, clock);
        if (options.RequestLog is { } told) app.UseMiddleware<RequestLog>(told, clock);
        app.UseMiddleware<ProblemMiddleware>(log, telemetry);
        app.UseRouting();
        if (options.CorsOrigins.Count > 0) app.UseCors();
        app.UseMiddleware<KeyMiddleware>(options);
        Routes.Map(app, live, publishing, embeddings, options, clock, ranking, ids, drain, erasure, metrics, ledger);
        app.UseEndpoints(_ => { });
        try
        {
            await app.StartAsync(cancel).ConfigureAwait(false);
            return server;
        }
        catch (IOException busy) when (busy.InnerException is AddressInUseException)
        {
            await server.ReleaseAsync().ConfigureAwait(false);
            throw Taken(Busy(places, busy), busy);
        }
        catch (Exception failed) when (failed is IOException or SocketException or InvalidOperationException)
        {
            await server.ReleaseAsync().ConfigureAwait(false);
            throw failed is RefusedException ? failed : new RefusedException($"api: cannot listen on {options.Url}: {failed.Message.ReplaceLineEndings(" ")}; name another address with --url", failed);
        }
    }

    /// <summary>
    /// Says on <c>/readyz</c> that it is about to stop, waits for <see cref="ApiOptions.DrainDelay"/>, takes no more requests, and lets those under way end, for
    /// at most five seconds.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _drain.Begin();
        if (_options.DrainDelay > TimeSpan.Zero) await Task.Delay(_options.DrainDelay, _clock).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);
    }

    private async ValueTask ReleaseAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        await _ranking.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
        _telemetry.Dispose();
    }

    // Kestrel says which one only in its words.
    private static Uri Busy(ApiPlaces places, IOException busy) =>
        places.Grpc is { } grpc && busy.Message.Contains($":{grpc.Port}", StringComparison.Ordinal) ? grpc : places.Http;

    private static RefusedException Taken(Uri url, Exception cause) =>
        new($"api: port {url.Port} of {url.Host} is taken by another program; stop it, or name another with --url http://{url.Host}:PORT", cause);

    /// <summary>Ctrl-C belongs to the program, not to the server in it.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
