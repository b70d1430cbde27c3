namespace Recs.Api.Keys;

/// <summary>Who calls: a feature of each request behind <see cref="KeyMiddleware"/>.</summary>
/// <param name="Key">The key presented; null on a server without keys.</param>
internal sealed record Caller(ApiKey? Key)
{
    /// <summary>Whoever reaches a server without keys.</summary>
    public static Caller Anyone { get; } = new((ApiKey?)null);

    /// <summary>Whether the call comes with an admin's key: a server without keys has no admin.</summary>
    public bool IsAdmin => Key?.May(ApiScopes.Admin) == true;

    public static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? Anyone;
}

/// <summary>What a route or a gRPC method asks of its caller.</summary>
/// <param name="scope">The scope.</param>
/// <param name="always">Also on a server without keys, which then nobody may call.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiredScopeAttribute(ApiScopes scope, bool always = false) : Attribute
{
    public ApiScopes Scope => scope;

    public bool Always => always;
}
