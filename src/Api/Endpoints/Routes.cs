using Microsoft.Extensions.AI;
using Recs.Api.Contracts;
using Recs.Api.Keys;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Api.Rpc;
using Recs.Api.Serving;
using Recs.Api.Telemetry;

namespace Recs.Api.Endpoints;

/// <summary>The table of routes.</summary>
internal static class Routes
{
    private const string Json = "application/json", ProblemJson = "application/problem+json";

    public static void Map(IEndpointRouteBuilder app, LiveState live, EventPublishing publishing, IEmbeddingGenerator<string, Embedding<float>>? embeddings, ApiOptions options, TimeProvider clock,
        RankService ranking, RequestIds ids, Drain drain, IUserErasure? erasure, MetricsExport metrics, IDecisionLedger? ledger)
    {
        var rank = new RankEndpoint(ranking, options, ids, clock);
        var similar = new SimilarEndpoint(live, options);
        var events = new EventsEndpoint(publishing, options);
        var embed = new EmbeddingsEndpoint(embeddings, options, clock);
        var health = new HealthEndpoints(live, drain);
        var users = new UsersEndpoint(erasure, live);
        var decisions = new DecisionsEndpoint(ledger, live);

        app.MapPost("/v1/rank", rank.Answer).WithName("rank").WithSummary("A slate of content and ads for a user")
            .Accepts<RankBody>(Json).Produces<RankAnswer>().Needs(ApiScopes.Rank).Refuses(400, 413, 415, 503);
        app.MapGet("/v1/items/{id}/similar", similar.Answer).WithName("similar").WithSummary("Content like an item; n from 1 to 200, default 10")
            .Produces<SimilarAnswer>().Needs(ApiScopes.Rank).Refuses(400, 404);
        app.MapPost("/v1/events", events.Answer).WithName("events").WithSummary("Publishes one event, or a list of at most 1,000, in their wire form; all or none")
            .Accepts<System.Text.Json.JsonElement>(Json).Produces<EventsAnswer>(202).Needs(ApiScopes.Events).Refuses(400, 413, 415, 503);
        app.MapPost("/v1/embeddings", embed.Answer).WithName("embeddings").WithSummary("Vectors of texts, in OpenAI's shape")
            .Accepts<EmbeddingsBody>(Json).Produces<EmbeddingsAnswer>().Needs(ApiScopes.Rank).Faults(400, 404, 413, 415, 503);
        app.MapGet("/v1/models", embed.Models).WithName("models").WithSummary("The embedding model that is loaded, in OpenAI's shape").Produces<ModelsAnswer>().Needs(ApiScopes.Rank);
        app.MapGet("/v1/decisions/{id}", decisions.Answer).WithName("decision").WithSummary("What was answered, and from what; with replay=1 also whether it comes out the same again, byte for byte")
            .Produces<DecisionAnswer>().Needs(ApiScopes.Admin).Refuses(400, 404);
        app.MapDelete("/v1/users/{id}", users.Erase).WithName("erase").WithSummary("Removes a person from the store and from this server's state; needs an admin key")
            .Produces<ErasureAnswer>().Needs(ApiScopes.Admin, always: true).Refuses(400, 503);
        app.MapGet("/healthz", HealthEndpoints.Alive).WithName("healthz").WithSummary("The process serves").Produces<HealthAnswer>();
        app.MapGet("/readyz", health.Ready).WithName("readyz").WithSummary("The answers are fresh").Produces<ReadyAnswer>().Produces<ReadyAnswer>(503);
        app.MapGet("/", StartPage.Answer).WithName("start").WithSummary("A page for a person").Produces<string>(200, "text/html");
        metrics.Map(app).WithMetadata(new RequiredScopeAttribute(ApiScopes.Admin));
        if (options.GrpcUrl is not null) app.MapGrpcService<RecommenderService>();
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    private static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, ApiScopes scope, bool always = false)
    {
        route.Refuses(401, 403, 429);
        return route.WithMetadata(new RequiredScopeAttribute(scope, always));
    }

    private static void Faults(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses) route.Produces<EmbeddingsFault>(status, Json);
    }

    private static void Refuses(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses) route.Produces<Problem>(status, ProblemJson);
    }
}
