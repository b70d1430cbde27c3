using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Recs.Ingest.Tests;

/// <summary>A broker that asks for a password over TLS, beside its plain door: user <c>recs</c>, a certificate made for these tests.</summary>
internal sealed class SecuredBroker : IDisposable
{
    public const string User = "recs", Password = "not a secret";
    private readonly RealBroker _broker = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-tls-").FullName;

    /// <summary>The certificate that the broker shows.</summary>
    public string Certificate => Path.Combine(_folder, "certificate.pem");

    /// <summary>Starts it; skips the test where there is no Kafka.</summary>
    /// <returns>The address of the secured door.</returns>
    public string Start()
    {
        var plain = _broker.OwnConnection().BootstrapServers;
        var port = FreePort();
        var store = Path.Combine(_folder, "broker.pem");
        MakeCertificate(store);
        var listeners = _broker.Property("listeners");
        _broker.Restart(
            $"listeners={listeners},SASL_SSL://127.0.0.1:{port}",
            $"advertised.listeners=PLAINTEXT://{plain},SASL_SSL://127.0.0.1:{port}",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
            "sasl.enabled.mechanisms=PLAIN",
            $"listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{User}=\"{Password}\";",
            "ssl.keystore.type=PEM",
            $"ssl.keystore.location={store}");
        return $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
    }

    public void Dispose()
    {
        _broker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void MakeCertificate(string store)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(store, key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
