using System.ComponentModel;

namespace Recs.Api.Contracts;

/// <summary>What <c>GET /v1/items/{id}/similar</c> answers.</summary>
internal sealed record SimilarAnswer(
    string Item,
    [property: Description("\"embedding\": cosine of the texts' vectors; \"co_engagement\": how often both were engaged with on one day.")] string By,
    IReadOnlyList<SimilarEntry> Items);

/// <summary>One item like another.</summary>
internal sealed record SimilarEntry(
    string Item,
    string Title,
    [property: Description("Cosine, or strength of co-engagement, by the measure named.")] double Similarity);

/// <summary>What <c>POST /v1/events</c> answers when the brokers have the events.</summary>
internal sealed record EventsAnswer(
    [property: Description("Events published.")] int Accepted,
    [property: Description("The same by type.")] IReadOnlyDictionary<string, int> Types);

/// <summary>What <c>GET /healthz</c> answers.</summary>
internal sealed record HealthAnswer([property: Description("\"ok\": the process serves.")] string Status);

/// <summary>What <c>GET /readyz</c> answers, with 200 or 503.</summary>
internal sealed record ReadyAnswer(
    [property: Description("\"ready\", \"catching up\", \"warming up\", \"draining\" or \"faulted\".")] string Status,
    [property: Description("Messages on the stream that are not folded in yet.")] long Lag,
    [property: Description("Events folded in.")] long Facts,
    [property: Description("The newest event time among them.")] string Newest,
    [property: Description("Why following has stopped.")] string? Fault);

/// <summary>What <c>DELETE /v1/users/{id}</c> answers: a certificate without the id.</summary>
internal sealed record ErasureAnswer(
    [property: Description("SHA-256 of the id's UTF-8 bytes, hex.")] string UserSha256,
    [property: Description("From where.")] string Store,
    [property: Description("Rows touched, by table.")] IReadOnlyDictionary<string, long> Rows,
    [property: Description("Where traces may be that this server does not reach.")] IReadOnlyList<string> NotReached);

/// <summary>Any error: RFC 9457, <c>application/problem+json</c>.</summary>
internal sealed record Problem(
    string Title,
    int Status,
    [property: Description("The value, the limit and what to do.")] string Detail,
    [property: Description("Each refused event of a request.")] IReadOnlyList<EventProblem>? Errors = null);

/// <summary>Why one event is refused.</summary>
internal sealed record EventProblem(
    [property: Description("Its place in the request, from 0.")] int Index,
    [property: Description("The kind of fault.")] string Reason,
    string Detail);
