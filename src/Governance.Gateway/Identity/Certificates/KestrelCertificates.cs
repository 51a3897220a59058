using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Governance.Gateway.Identity.Certificates;

/// <summary>Mutual TLS on the server's https endpoints, when applications are known by certificates.</summary>
internal static class KestrelCertificates
{
    /// <summary>Takes a client certificate where one is sent, and ends the handshake when it stands for no application.</summary>
    public static void AcceptClientCertificates(this KestrelServerOptions kestrel)
    {
        var clients = kestrel.ApplicationServices.GetRequiredService<ClientCertificates>();
        if (!clients.Any)
        {
            return;
        }

        clients.Log = kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ClientCertificates).FullName!);
        var time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
        kestrel.ConfigureHttpsDefaults(https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (X509Certificate2 certificate, X509Chain? _, System.Net.Security.SslPolicyErrors _) =>
                clients.Find(certificate, time.GetUtcNow()) is not null;
        });
    }
}
