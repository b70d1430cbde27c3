using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Recs.Domain;

namespace Recs.Api.Serving;

/// <summary>Where the server listens, checked: HTTP, and gRPC where it is asked for.</summary>
/// <param name="Http">For HTTP/1.1, and HTTP/2 over TLS.</param>
/// <param name="Grpc">For HTTP/2 alone; null for nowhere.</param>
internal sealed record ApiPlaces(Uri Http, Uri? Grpc)
{
    /// <exception cref="RefusedException">A URL is none to listen on, reaches beyond this machine without keys, or asks for TLS without a certificate.</exception>
    public static ApiPlaces Of(ApiOptions options)
    {
        var places = new ApiPlaces(Place(options.Url, options), options.GrpcUrl is { } grpc ? Place(grpc, options) : null);
        if (options.Certificate is null != (places.Http.Scheme == Uri.UriSchemeHttp))
            throw new RefusedException(options.Certificate is null ? $"api: {options.Url} needs a certificate; name its PEM file with --certificate" : $"api: there is a certificate, but {options.Url} is not https; say https, or leave the certificate out");
        return places;
    }

    /// <summary>Binds both.</summary>
    /// <exception cref="RefusedException">The certificate cannot be read.</exception>
    public void Bind(KestrelServerOptions kestrel, ApiOptions options)
    {
        var certificate = options.Certificate is { } pem ? Load(pem, options.CertificateKey) : null;
        Listen(kestrel, Http, listen => listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2, certificate);
        // Without TLS a connection cannot say which of the two it speaks: gRPC needs a port of its own.
        if (Grpc is { } grpc) Listen(kestrel, grpc, listen => listen.Protocols = HttpProtocols.Http2, certificate);
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url, Action<ListenOptions> protocols, X509Certificate2? certificate)
    {
        void Configure(ListenOptions listen)
        {
            protocols(listen);
            if (url.Scheme == Uri.UriSchemeHttps) listen.UseHttps(certificate!);
        }
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)) kestrel.Listen(address, url.Port, Configure);
        else if (url.Host == "localhost" && url.Port > 0) kestrel.ListenLocalhost(url.Port, Configure);
        else if (url.Host == "localhost") kestrel.Listen(IPAddress.Loopback, 0, Configure);
        else kestrel.ListenAnyIP(url.Port, Configure);
    }

    private static Uri Place(string text, ApiOptions options)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/")
            throw new RefusedException($"api: the URL '{text}' is none to listen on; expected http://HOST:PORT, such as http://127.0.0.1:5080");
        if (!url.IsLoopback && options.Keys is null && !options.AllowWithoutKeys)
            throw new RefusedException($"api: {text} can be reached from other machines, and there are no API keys; make one with recs keys create --scope rank --file FILE and name it with --keys FILE, or say --without-keys");
        return url;
    }

    private static X509Certificate2 Load(string certificate, string? key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key ?? certificate);
        }
        catch (Exception broken) when (broken is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"api: {certificate}{(key is null ? "" : $" with {key}")} holds no certificate and key in PEM: {broken.Message}", broken);
        }
    }
}
