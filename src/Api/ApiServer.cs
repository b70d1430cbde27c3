using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.AI;
using Recs.Api.Contracts;
using Recs.Api.Endpoints;
using Recs.Api.Live;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Ingest;

namespace Recs.Api;

/// <summary>The HTTP server: JSON in, slate out. Reads no configuration, prints nothing, owns no signal handlers. Safe from any thread.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiServer(WebApplication app) => _app = app;

    /// <summary>Where it listens, with the port taken.</summary>
    public IReadOnlyCollection<string> Urls => [.. _app.Urls];

    /// <summary>Tries the port, so that a long job learns at its beginning that it could not serve at its end.</summary>
    /// <exception cref="RefusedException">An option is out of range, or the port is taken.</exception>
    public static void RequireFreePort(ApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var url = options.Validate();
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
    /// <param name="cancel">Gives up starting.</param>
    /// <exception cref="RefusedException">An option is out of range, or the port is taken.</exception>
    public static async Task<ApiServer> StartAsync(ApiOptions? options, LiveState live, EventProducer producer, TimeProvider? clock = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null, CancellationToken cancel = default)
    {
        options ??= new ApiOptions();
        var url = options.Validate();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(ApiServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = (long)options.BodyBytes * JsonBody.Drained;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        });
        builder.Services.AddOpenApi("v1", OpenApiText.Describe);
        var app = builder.Build();
        app.Urls.Add(options.Url);
        app.UseMiddleware<ProblemMiddleware>(options.Log ?? (_ => { }));
        app.UseRouting();
        Routes.Map(app, live, producer, embeddings, options, clock ?? TimeProvider.System);
        app.UseEndpoints(_ => { });
        try
        {
            await app.StartAsync(cancel).ConfigureAwait(false);
            return new(app);
        }
        catch (IOException busy) when (busy.InnerException is AddressInUseException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw Taken(url, busy);
        }
        catch (Exception failed) when (failed is IOException or SocketException or InvalidOperationException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new RefusedException($"api: cannot listen on {options.Url}: {failed.Message.ReplaceLineEndings(" ")}; name another address with --url", failed);
        }
    }

    /// <summary>Stops taking requests and lets those under way end, for at most five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static RefusedException Taken(Uri url, Exception cause) =>
        new($"api: port {url.Port} of {url.Host} is taken by another program; stop it, or name another with --url http://{url.Host}:PORT", cause);

    /// <summary>Ctrl-C belongs to the program, not to the server in it.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
